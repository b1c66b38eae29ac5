import { useState } from 'preact/hooks';

/** What an empty store shows: how the first record gets here. */
export function FirstSteps({ origin }: { readonly origin: string }) {
  const [copied, setCopied] = useState(false);
  const lines = linesFor(origin);
  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(lines).then(
      () => setCopied(true),
      // Refused by the browser: the lines can still be selected.
      () => setCopied(false),
    );
  }
  return (
    <section class="panel first" data-testid="empty">
      <h2>Nothing has arrived yet</h2>
      <p>These four lines put the client into an app. The first record shows up here by itself.</p>
      <div class="code">
        <pre>{lines}</pre>
        <button type="button" class="button" onClick={copy}>
          {copied ? 'Copied' : 'Copy'}
        </button>
      </div>
      <p class="quiet">
        The token is the ingest key that the server printed when it first started.
      </p>
    </section>
  );
}

function linesFor(origin: string): string {
  return [
    'npm install beaconry',
    `import { init, telemetry } from 'beaconry';`,
    `await init({ endpoint: '${origin}/api/telemetry/batch', token: 'your-ingest-key', app: 'my-app' });`,
    `telemetry.event('page_view');`,
  ].join('\n');
}
