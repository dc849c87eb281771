/**
 * The status page's only style sheet, as it stands in its `<style>`: the content security policy names its hash. One
 * accent colour; green, yellow and red always come with a word. On a phone every movement becomes a card.
 */
export const STYLE = `:root{color-scheme:light dark;--page:#f5f6f8;--card:#fff;--ink:#1b2230;--soft:#586274;--line:#dfe3ea;--accent:#2b59c3;--green:#17703f;--yellow:#8a5700;--red:#b42318}
@media(prefers-color-scheme:dark){:root{--page:#0f1319;--card:#171c24;--ink:#e5e9f0;--soft:#a0aaba;--line:#2b3340;--accent:#8fb1ff;--green:#62cf97;--yellow:#e6b450;--red:#ff8f85}}
*{box-sizing:border-box;margin:0;padding:0}
body{max-width:66rem;margin:auto;padding:2.5rem 1.25rem;background:var(--page);color:var(--ink);font:1rem/1.55 system-ui,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
h1{font-size:1.6rem}
h2{font-size:1.15rem}
h3,h3 time{color:inherit;font-size:1rem}
ul{list-style:none}
code{font:.85em/1.5 ui-monospace,monospace}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.skip:not(:focus),.hidden{position:absolute;width:1px;height:1px;overflow:hidden}
.soft,time,dt,footer,figcaption,.axis,.dates,thead th{color:var(--soft);font-size:.875rem}
header{margin-bottom:1.75rem}
section{margin-bottom:1.25rem;padding:1.5rem;border:1px solid var(--line);border-radius:.75rem;background:var(--card)}
section>*+*{margin-top:.6rem}
section>h3{margin-top:1.5rem}
ul+h3{padding-top:1rem}
li{padding:1rem 0;border-top:1px solid var(--line)}
section>ul{margin:1rem 0 -1rem}
li>*+*{margin-top:.3rem}
summary{padding:.4rem 0;font-weight:600;cursor:pointer}
.line{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:.5rem 1.5rem}
.incidents{border-color:var(--red);box-shadow:inset .4rem 0 var(--red)}
.badge{color:var(--tone,var(--soft));font-weight:600;font-size:.875rem;white-space:nowrap}
.badge:before{content:"";display:inline-block;width:.6em;height:.6em;margin-right:.45em;border-radius:50%;background:currentColor}
.green{--tone:var(--green)}
.yellow{--tone:var(--yellow)}
.red{--tone:var(--red)}
button{padding:.5rem 1rem;border:1px solid var(--accent);border-radius:.5rem;background:none;color:var(--accent);font:600 .875rem/1.4 system-ui,sans-serif;cursor:pointer}
button.main,button:hover{background:var(--accent);color:var(--card)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1.25rem;align-items:baseline}
dd code{display:block;width:fit-content;padding:.3rem .6rem;border:1px solid var(--line);border-radius:.4rem;background:var(--page);user-select:all}
.facts{display:flex;flex-wrap:wrap;gap:.1rem 1.5rem}
.facts div{display:flex;gap:.4rem;font-size:.875rem}
.rate{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 1rem}
.rate strong{color:var(--accent);font-size:3.5rem;line-height:1.1}
.misses li{display:grid;grid-template-columns:3rem 1fr;align-items:baseline;padding:.6rem 0}
.chart{display:grid;padding:.7rem 0 .3rem;grid-template-columns:auto 1fr;gap:.4rem .6rem}
.axis{display:flex;flex-direction:column;justify-content:space-between;margin:-.7rem 0;text-align:right}
.dates{grid-column:2}
svg{width:100%;height:10rem;overflow:visible}
path{vector-effect:non-scaling-stroke}
.grid{stroke:var(--line)}
.filled{fill:var(--accent);background:var(--accent)}
.hollow{fill:var(--card);stroke:var(--accent)}
.key{display:inline-block;width:.75rem;height:.75rem;margin:0 .5rem 0 1.5rem;border:1px solid var(--accent)}
.key:first-child{margin-left:0}
table{width:100%;border-collapse:collapse;font-size:.9rem}
th,td{padding:.7rem 1rem .7rem 0;border-top:1px solid var(--line);text-align:start;vertical-align:top}
thead th{border:0;padding-bottom:.3rem}
.amount{text-align:right;white-space:nowrap}
thead :nth-child(2n+1){width:21%}
thead :nth-child(3){width:34%}
table :is(time,code){display:block;font-weight:400}
td code{color:var(--soft)}
@media(max-width:50rem){
body{padding:1.5rem .75rem}
section{padding:1.1rem}
dl{grid-template-columns:1fr}
thead{position:absolute;width:1px;height:1px;overflow:hidden}
tr{display:grid;grid-template-columns:1fr auto;gap:.3rem 1rem;padding:.9rem 0;border-top:1px solid var(--line)}
td,tbody th{padding:0;border:0}
td:nth-child(n+3){grid-column:1/-1}
table code,td .soft{display:inline;margin-right:.6rem}
}`
