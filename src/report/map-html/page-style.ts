/** The style sheet of the page around the picture. */
export const PAGE_STYLE: string = `
:root{color-scheme:light dark;--page:#fff;--panel:#f6f7f9;--line:#dfe3e8;--text:#1b222c;--soft:#5a6675;--strong:#2456c9;--mark:#e8effd}
@media screen and (prefers-color-scheme:dark){:root{--page:#11151b;--panel:#181d25;--line:#2b3441;--text:#e8ecf2;--soft:#a3afbe;--strong:#82aaff;--mark:#1d2b49}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:14px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
header{position:sticky;top:0;z-index:2;display:flex;flex-wrap:wrap;gap:10px 20px;align-items:center;padding:12px 24px;background:var(--page);border-bottom:1px solid var(--line)}
h1{font-size:18px;margin:0}header p{margin:0}h2{font-size:16px;margin:0;overflow-wrap:anywhere;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
h3{font-size:13px;margin:20px 0 6px}
.soft{color:var(--soft)}
form{display:flex;flex-wrap:wrap;gap:8px;margin-left:auto}
input,select,button{font:inherit;color:inherit;background:var(--panel);border:1px solid var(--line);border-radius:7px;padding:5px 10px}
input:focus-visible,select:focus-visible,button:focus-visible,summary:focus-visible{outline:2px solid var(--strong);outline-offset:1px}
input:invalid{border-color:#c2410c}
#words{width:17em}#port{width:8.5em}#group{max-width:14em}
button{cursor:pointer}button[aria-pressed=true]{border-color:var(--strong);color:var(--strong);background:var(--mark)}
main{display:grid;grid-template-columns:minmax(0,1fr) 340px;align-items:start}
#content{padding:20px 24px;min-width:0}
aside{position:sticky;top:57px;max-height:calc(100vh - 57px);overflow:auto;padding:20px 24px;border-left:1px solid var(--line);min-height:calc(100vh - 57px)}
.panel-head{display:flex;gap:10px;justify-content:space-between;align-items:start}
aside p{margin:6px 0}
aside ul{list-style:none;margin:4px 0 10px;padding:0 0 0 14px}
summary{cursor:pointer;font-weight:600;font-size:13px;padding:2px 0}
.everyone{font-weight:600;color:#9a5b00}
@media screen and (prefers-color-scheme:dark){.everyone{color:#f2bf62}}
button.peer{background:none;border:0;padding:1px 3px;margin:0 -3px;border-radius:4px;text-align:left;overflow-wrap:anywhere;font:12.5px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
button.peer:hover{background:var(--mark);color:var(--strong)}
.bar{display:flex;gap:12px;align-items:center;margin:0 0 10px}
.bar h2{font:600 15px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
.bar button{margin-left:auto;font-size:13px}
#picture{overflow:auto;border:1px solid var(--line);border-radius:10px;max-height:76vh;resize:vertical;margin-bottom:28px}
#picture svg{display:block}
#picture.fitted svg{width:100%;height:auto}
#picture .node[role=button]{cursor:pointer}
#picture .node:focus{outline:none}
#picture .node[role=button]:hover .frame,#picture .node:focus-visible .frame,#picture .node.chosen .frame{stroke:var(--strong);stroke-width:2.2}
#picture .dim{opacity:.22}
#picture .route.on .arrow{stroke-width:2.6}
table{border-collapse:collapse;width:100%}
th{text-align:left;font-size:12px;color:var(--soft);font-weight:600}
th{width:32%}th:last-child{width:36%}th,td{padding:4px 12px 4px 0;border-bottom:1px solid var(--line);vertical-align:baseline}
td.ports{font-size:13px}
#more{margin:12px 0}
@media (max-width:900px){main{grid-template-columns:minmax(0,1fr)}aside{order:-1;position:static;max-height:none;min-height:0;border-left:0;border-bottom:1px solid var(--line)}form{margin-left:0}header{position:static}}
@media print{
header{position:static;padding:0 0 8px}main{display:block}#content{padding:0}form,aside,.bar button,#more{display:none}
#picture{border:0;overflow:visible;max-height:none;margin:0}#picture svg{width:100%;height:auto;max-height:95vh}#picture.tall svg{max-height:none}
tr{break-inside:avoid}thead{display:table-header-group}
}
`;
