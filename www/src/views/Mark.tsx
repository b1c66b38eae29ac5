/** The product's mark: a beacon. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <rect class="mark-ground" width="32" height="32" rx="8" />
      <path class="mark-tower" d="M13 25 L14.6 14 H17.4 L19 25 Z" />
      <circle class="mark-light" cx="16" cy="10.5" r="3" />
      <path
        class="mark-beam"
        d="M9.6 5.2 A8.4 8.4 0 0 0 9.6 15.8 M22.4 5.2 A8.4 8.4 0 0 1 22.4 15.8"
      />
    </svg>
  );
}
