/** The panel's own look, out of reach of the page's styles. */
export const style = `
:host { all: initial; }
.panel {
  position: fixed; inset: auto auto 12px 12px; z-index: 2147483647;
  display: flex; flex-direction: column; width: min(380px, calc(100vw - 24px)); max-height: min(70vh, 620px);
  font: 12px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
  color: #e8eaf0; background: #14171f; border: 1px solid #2c3242; border-radius: 10px;
  box-shadow: 0 12px 32px rgb(0 0 0 / 35%); overflow: hidden;
}
header { padding: 10px 12px; border-bottom: 1px solid #2c3242; }
strong { font-size: 13px; }
small { display: block; color: #9aa3b8; overflow-wrap: anywhere; }
.state { padding: 1px 7px; border-radius: 99px; background: #2c3242; }
.state.recording { background: #14532d; color: #bbf7d0; }
.state.off { background: #5b2130; color: #fecdd3; }
.actions { display: flex; gap: 8px; margin-top: 8px; }
button {
  font: inherit; color: inherit; background: #232938; border: 1px solid #3a4258; border-radius: 6px;
  padding: 3px 10px; cursor: pointer;
}
button:hover { background: #2e3650; }
button:focus-visible, .body:focus-visible { outline: 2px solid #7dd3fc; outline-offset: -2px; }
.body { overflow-y: auto; padding: 2px 12px 12px; }
h2 { margin: 12px 0 4px; font: inherit; color: #9aa3b8; text-transform: uppercase; letter-spacing: .06em; }
table { width: 100%; border-collapse: collapse; }
td { padding: 1px 0; }
td:not(:first-child) { text-align: right; font-variant-numeric: tabular-nums; }
p { margin: 4px 0; color: #9aa3b8; }
.exact { color: #86efac; }
.wrong { color: #fda4af; }
pre { margin: 0 0 4px; padding: 4px 6px; background: #1c2130; border-radius: 5px; white-space: pre-wrap; overflow-wrap: anywhere; }
@media (prefers-color-scheme: light) {
  .panel { color: #1c2130; background: #fff; border-color: #d5d9e3; }
  header { border-color: #e4e7ee; }
  small, p, h2 { color: #58627a; }
  button { background: #f2f4f8; border-color: #cfd5e2; }
  button:hover { background: #e4e8f1; }
  pre { background: #f2f4f8; }
  .state.recording { background: #dcfce7; color: #14532d; }
  .state.off { background: #ffe4e6; color: #881337; }
  .exact { color: #15803d; }
  .wrong { color: #be123c; }
}
`;
