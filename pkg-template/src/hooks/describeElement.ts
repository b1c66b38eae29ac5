/** An element by tag, id, classes and role: nothing that anybody typed, and no text. */
export function describeElement(element: Element): string {
  const id = element.getAttribute('id');
  const role = element.getAttribute('role');
  const names = [element.localName + (id ? `#${id}` : ''), ...[...element.classList].slice(0, MOST_CLASSES)];
  return (names.join('.') + (role ? `[role=${role}]` : '')).slice(0, MOST_CHARACTERS);
}

/** The innermost element of an event, also within open shadow roots. */
export function elementOf(event: Event): Element | undefined {
  const [target = event.target] = event.composedPath();
  return target instanceof Element ? target : undefined;
}

const MOST_CLASSES = 3;
const MOST_CHARACTERS = 100;
