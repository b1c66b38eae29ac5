/** Every text of the element. The attribute `text-<key>` puts another in its place. */
export const TEXTS = {
  label: 'Report a bug',
  title: 'Report a bug',
  message: 'What went wrong?',
  email: 'E-mail, if you want an answer',
  optional: 'optional',
  capture: 'Capture the screen',
  file: 'Add an image',
  remove: 'Remove the image',
  preview: 'The image that will be sent',
  note: 'The address of this page and the name of your browser are sent along.',
  cancel: 'Cancel',
  close: 'Close',
  send: 'Send',
  sending: 'Sending…',
  sent: 'Thank you. Your report has arrived.',
  saved: 'Thank you. Your report is saved here, and sent as soon as there is a connection.',
  waiting: 'Thank you. Your report waits for your consent.',
  off: 'Reports cannot be sent from here, since telemetry is off or was declined. Nothing was stored.',
  refused: 'Your report was not taken. Please try again.',
  noImage: 'No image could be taken. You can send the report without one.',
} as const;

export type TextKey = keyof typeof TEXTS;
