import type { TelemetryClient } from '../TelemetryClient.js';
import { createPanel } from './createPanel.js';
import type { Panel } from './createPanel.js';
import { isHiddenFor } from './isHiddenFor.js';
import type { Viewer } from './isHiddenFor.js';
import type { Reporter } from './types.js';

declare global {
  interface HTMLElementTagNameMap {
    'report-bug': ReportBugElement;
  }
}

/** A `<report-bug>` in a page. */
export interface ReportBugElement extends HTMLElement {
  /** Says who looks at the page, for `hide-for`. The attribute `user-role` says the same. */
  setUser(viewer: Viewer): void;
  /** Opens the dialog, as a click on the button does. */
  show(): void;
}

/**
 * Makes `<report-bug>` work: a button that floats above the page, and a dialog to report a bug in.
 *
 * ```ts
 * import { telemetry } from 'beaconry';
 * import { defineReportBug } from 'beaconry/report-bug';
 *
 * defineReportBug(telemetry);
 * document.body.append(document.createElement('report-bug'));
 * ```
 *
 * Reports go through `telemetry`, so they are kept while there is no network. Without one, an element with the
 * attribute `endpoint` (and `token`, `app`) has a client of its own. A second call, or one where there are no
 * custom elements, as on a server, does nothing. Nothing is ever thrown into the page.
 */
export function defineReportBug(telemetry?: Reporter): void {
  if (globalThis.customElements === undefined || customElements.get(NAME) !== undefined) return;
  customElements.define(
    NAME,
    class extends HTMLElement implements ReportBugElement {
      static readonly observedAttributes = ['hide-for', 'user-role', 'label'];
      readonly #root = this.attachShadow({ mode: 'open' });
      #panel: Panel | undefined;
      #client = telemetry;
      /** Ends with the element. */
      #own: TelemetryClient | undefined;
      #viewer: Viewer = {};

      connectedCallback(): void {
        if (this.#panel !== undefined) return;
        try {
          this.#panel = createPanel(this, this.#root, () => this.#client);
          this.#look();
          if (this.#client === undefined) void this.#connect();
        } catch {
          // A browser without dialogs or sheets of style has no button.
          this.#root.replaceChildren();
        }
      }

      disconnectedCallback(): void {
        // Whoever moves it puts it back in the same task; what was typed stays.
        queueMicrotask(() => this.isConnected || this.#leave());
      }

      attributeChangedCallback(): void {
        this.#panel?.setLabel();
        this.#look();
      }

      setUser(viewer: Viewer): void {
        this.#viewer = { ...viewer };
        this.#look();
      }

      show(): void {
        if (!this.#isHidden()) this.#panel?.open();
      }

      #isHidden(): boolean {
        const role = this.getAttribute('user-role') ?? undefined;
        return isHiddenFor(this.getAttribute('hide-for'), { role, ...this.#viewer });
      }

      #look(): void {
        this.#panel?.setVisible(!this.#isHidden());
      }

      #leave(): void {
        this.#panel?.stop();
        this.#panel = undefined;
        void this.#own?.shutdown();
        this.#own = undefined;
        this.#client = telemetry;
      }

      async #connect(): Promise<void> {
        const [endpoint, token, app] = ['endpoint', 'token', 'app'].map((name) => this.getAttribute(name) ?? undefined);
        if (endpoint === undefined) return;
        try {
          const { TelemetryClient } = await import('../withWasm.js');
          if (this.isConnected) this.#client = this.#own ??= new TelemetryClient({ endpoint, token, app });
        } catch {
          // Without its file there is no client: the dialog says so.
        }
      }
    },
  );
}

const NAME = 'report-bug';
