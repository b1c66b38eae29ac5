import { init, telemetry } from 'beaconry';

const meta = (name) => document.querySelector(`meta[name="telemetry-${name}"]`).content;

// Calls made before it is ready are kept.
init({ endpoint: meta('endpoint'), token: meta('token'), app: 'plain-html' });
addEventListener('error', ({ error }) => telemetry.error(error, {}, { handled: false }));

document.getElementById('form').addEventListener('submit', (event) => {
  event.preventDefault();
  const { bill, people, tip } = Object.fromEntries(new FormData(event.target));
  const each = (Number(bill) * (1 + Number(tip) / 100)) / Number(people);
  document.getElementById('result').textContent = `Everybody pays ${each.toFixed(2)}.`;
  telemetry.event('bill_shared', { people: Number(people), tip: Number(tip) });
  telemetry.metric('bill_each', each);
});

// The bug of this page, for the telemetry to see: it has no printer.
document.getElementById('print').addEventListener('click', () => window.printer.print());
