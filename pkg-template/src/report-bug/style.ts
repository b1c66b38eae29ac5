/** The look. Colours come from the page's colour scheme; what an app may change is a property of its own. */
export const STYLE = `
:host{color-scheme:light dark;font:16px/1.5 var(--report-bug-font,system-ui,sans-serif);position:fixed;inset:auto var(--report-bug-inset,20px) var(--report-bug-inset,20px) auto;z-index:var(--report-bug-z-index,2147483000);--a:var(--report-bug-accent,#4f46e5);--s:var(--report-bug-surface,Canvas);--t:var(--report-bug-text,CanvasText);--r:var(--report-bug-radius,12px);--l:color-mix(in srgb,var(--t) 55%,var(--s))}
[hidden]{display:none!important}
*{box-sizing:border-box;margin:0;font:inherit;color:var(--t);border-radius:var(--r)}
button,textarea,input{min-height:44px;padding:9px 16px;border:1px solid var(--l);background:var(--s)}
button,.row{display:flex;gap:8px;align-items:center;cursor:pointer}
button:hover{background:color-mix(in srgb,var(--t) 8%,var(--s))}
.main{background:var(--a);border-color:transparent;font-weight:600}
.main,.main *{color:var(--report-bug-on-accent,#fff)}
.main:hover{background:color-mix(in srgb,var(--a) 85%,#000)}
.open{border-radius:99px;box-shadow:0 4px 20px #0005}
:disabled{opacity:.6}
:focus-visible{outline:2px solid var(--t);outline-offset:2px}
svg{width:22px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round}
dialog{width:460px;max-width:calc(100% - 32px);max-height:calc(100% - 32px);margin:auto;padding:24px;border:1px solid var(--l);border-radius:20px;background:var(--s);box-shadow:0 24px 64px #0006}
::backdrop{background:#0008}
form,.fields,label{display:flex;flex-direction:column;gap:16px}
label{gap:6px;font-weight:550}
h2{font-size:22px;font-weight:650}
small{font-size:13px;font-weight:400;color:color-mix(in srgb,var(--t) 75%,var(--s))}
textarea,input{width:100%;font-weight:400;resize:vertical}
.row{flex-wrap:wrap;cursor:auto}
.end{justify-content:end}
canvas{max-width:100%;max-height:120px;border:1px solid var(--l)}
output:empty{margin-top:-16px}
@media (max-width:479px){dialog{width:100%;max-width:100%;margin-bottom:0;border-radius:20px 20px 0 0}.open{padding:17px}.open span{position:absolute;overflow:hidden;width:1px;height:1px;clip-path:inset(50%)}.end button{flex:1;justify-content:center}}
@media (prefers-reduced-motion:no-preference){dialog{animation:i .2s}@keyframes i{from{opacity:0;translate:0 12px}}}
@media (forced-colors:active){.main{border-color:ButtonText}}
`;
