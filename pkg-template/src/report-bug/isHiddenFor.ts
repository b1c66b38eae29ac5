/** Who looks at the page, as far as the app has said so. */
export interface Viewer {
  readonly role?: string | undefined;
  readonly id?: string | undefined;
}

/** Whether `hide-for` names the role or the id of who looks: words, by spaces or commas. */
export function isHiddenFor(hideFor: string | null, viewer: Viewer): boolean {
  const words = (hideFor ?? '').split(/[\s,]+/);
  return [viewer.role, viewer.id].some((one) => !!one && words.includes(one));
}
