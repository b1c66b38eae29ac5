/** Every text of the element. The attribute `text-<key>` puts another in its place. */
export const TEXTS = {
  label: 'Report a bug',
  message: 'What went wrong?',
  email: 'E-mail (optional)',
  capture: 'Capture screen',
  file: 'Add image',
  remove: 'Remove image',
  preview: 'Your image',
  note: 'The address of this page and your browser’s name are sent too.',
  close: 'Close',
  send: 'Send',
  sent: 'Thank you. Your report has arrived.',
  saved: 'Thank you. Your report is saved, and sent as soon as there is a connection.',
  waiting: 'Thank you. Your report waits for your consent.',
  off: 'Telemetry is off or was declined, so no report can be sent. Nothing was stored.',
  refused: 'Your report was not taken.',
  noImage: 'No image could be taken. The report can be sent without.',
} as const;

export type TextKey = keyof typeof TEXTS;
