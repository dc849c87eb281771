import { type Html, html } from '../../src/status/html.ts'

/** The products' pictures, by product: a landscape of 320 × 150 each, quiet enough to be cropped. */
export const DRAWINGS: Record<string, Html> = {
  'tide-icons': html`<rect width="320" height="150" fill="#0e6b74"/>
    <path d="M0 112q20-14 40 0t40 0 40 0 40 0 40 0 40 0 40 0 40 0V150H0z" fill="#0a545c"/>
    <g fill="none" stroke="#dff5f2" stroke-width="5" stroke-linecap="round" stroke-linejoin="round">
      <path d="M52 36v46M40 50h24M34 66c0 24 36 24 36 0"/><circle cx="52" cy="31" r="5"/>
      <path d="M112 78h46l-8 14h-30zM134 78V30l22 36h-22"/>
      <circle cx="206" cy="60" r="26"/><path d="m216 50-6 16-16 6 6-16z"/>
      <path d="M258 90h28M263 90l4-40h10l4 40M262 50h20M266 40h12"/>
    </g>`,
  'harbour-letter': html`<rect width="320" height="150" fill="#f2a65a"/>
    <circle cx="250" cy="52" r="30" fill="#f7d08a"/>
    <path d="M0 104q20-12 40 0t40 0 40 0 40 0 40 0 40 0 40 0 40 0V150H0z" fill="#d9742f"/>
    <g transform="rotate(-5 150 80)"><rect x="98" y="34" width="116" height="78" rx="7" fill="#fffaf0"/>
      <path d="m101 39 55 44 55-44" fill="none" stroke="#b4541c" stroke-width="5" stroke-linejoin="round"/></g>
    <path d="M0 122q20-12 40 0t40 0 40 0 40 0 40 0 40 0 40 0 40 0V150H0z" fill="#c2601f"/>`,
  'beacon-mono': html`<rect width="320" height="150" fill="#1d2a55"/>
    <path d="M236 52 0 6v74z" fill="#f6d860" opacity=".22"/>
    <path d="M229 150l8-84h22l8 84z" fill="#eef1fb"/><path d="M235 96h26l2 20h-30z" fill="#e5484d"/>
    <path d="M234 66h28V44l-14-12-14 12z" fill="#f6d860"/><rect x="230" y="62" width="36" height="6" rx="3" fill="#eef1fb"/>
    <text x="34" y="108" font-family="ui-monospace, Menlo, monospace" font-size="74" font-weight="600" fill="#eef1fb">{a}</text>`,
  'weather-desk': html`<rect width="320" height="150" fill="#86c5da"/>
    <circle cx="104" cy="62" r="32" fill="#ffe08a"/>
    <path d="M128 104a24 24 0 0 1 4-48 34 34 0 0 1 64-6 27 27 0 0 1 8 54z" fill="#fff"/>
    <g stroke="#2b7391" stroke-width="5" stroke-linecap="round"><path d="M148 118l-6 14M172 118l-6 14M196 118l-6 14"/></g>
    <path d="M232 108l18-20 16 10 26-34" fill="none" stroke="#2b7391" stroke-width="5" stroke-linecap="round" stroke-linejoin="round"/>`,
  'knot-guide': html`<rect width="320" height="150" fill="#e8bd8a"/>
    <path d="M0 118q20-8 40 0t40 0 40 0 40 0 40 0 40 0 40 0 40 0V150H0z" fill="#d9a56c"/>
    <g fill="none" stroke-linecap="round">
      <path d="M14 96h86c54 0 66-62 116-62a31 31 0 0 1 0 62c-50 0-62-62-112-62a31 31 0 0 0-22 53" stroke="#7a4a25" stroke-width="19"/>
      <path d="M14 96h86c54 0 66-62 116-62a31 31 0 0 1 0 62c-50 0-62-62-112-62a31 31 0 0 0-22 53" stroke="#fbf0dc" stroke-width="13"/>
      <path d="M14 96h86c54 0 66-62 116-62a31 31 0 0 1 0 62c-50 0-62-62-112-62a31 31 0 0 0-22 53" stroke="#cf9a62" stroke-width="13" stroke-dasharray="2.5 10" stroke-linecap="butt"/>
      <path d="M138 82c17-17 26-32 44-42" stroke="#7a4a25" stroke-width="19" stroke-linecap="butt"/>
      <path d="M136 84c18-18 27-34 48-45" stroke="#fbf0dc" stroke-width="13" stroke-linecap="butt"/>
      <path d="M136 84c18-18 27-34 48-45" stroke="#cf9a62" stroke-width="13" stroke-dasharray="2.5 10" stroke-linecap="butt"/>
    </g>`,
  'dry-dock': html`<rect width="320" height="150" fill="#41607a"/>
    <circle cx="262" cy="36" r="15" fill="#f3ead0"/><circle cx="269" cy="31" r="13" fill="#41607a"/>
    <g fill="#f3ead0"><circle cx="52" cy="30" r="2"/><circle cx="196" cy="22" r="2"/><circle cx="290" cy="72" r="2"/><circle cx="26" cy="64" r="2"/></g>
    <path d="M0 128h320v22H0z" fill="#2d4659"/>
    <g stroke="#dbb98a" stroke-width="7" stroke-linecap="round"><path d="M112 98 92 127M150 110v17M190 110v17M218 98l20 29"/></g>
    <path d="M84 68h160l-24 40H116z" fill="#f7f3ea"/><path d="M96 88h136l-12 20H116z" fill="#d9614c"/>
    <path d="M138 68V46h58v22z" fill="#9fc0d3"/><path d="M132 46h70l-6-9h-58z" fill="#f7f3ea"/>
    <g fill="#41607a"><rect x="147" y="52" width="12" height="10" rx="2"/><rect x="176" y="52" width="12" height="10" rx="2"/></g>`,
  'aurora-kit': html`<rect width="320" height="150" fill="#12254a"/>
    <path d="M-6 62C40 18 74 92 126 52s86-44 200-18v34C226 40 190 72 138 96S50 72-6 104z" fill="#3fd6a2" opacity=".75"/>
    <path d="M-6 44C44 12 92 66 140 36s98-34 186-8v22C240 30 188 44 148 66S46 44-6 76z" fill="#8af0c6" opacity=".7"/>
    <path d="M-6 88c58-24 98 26 148-2s106-42 184-10v24c-72-22-124-12-170 12S52 92-6 118z" fill="#8b6df0" opacity=".65"/>
    <g fill="#eaf3ff"><circle cx="34" cy="22" r="2"/><circle cx="168" cy="16" r="2"/><circle cx="232" cy="94" r="1.6"/><circle cx="296" cy="18" r="2"/><circle cx="92" cy="104" r="1.6"/></g>
    <path d="m0 136 48-26 34 18 46-34 58 40 44-22 38 18 52-28v48H0z" fill="#eaf3ff"/>
    <path d="m128 94 24 17-16 3-12 10-8-12z" fill="#b5cdec"/>`,
  'night-watch': html`<rect width="320" height="150" fill="#3a2a5e"/>
    <circle cx="160" cy="74" r="60" fill="#f3d98b"/>
    <g fill="#f3d98b"><circle cx="46" cy="40" r="2.4"/><circle cx="274" cy="34" r="2.4"/><circle cx="288" cy="94" r="2"/><circle cx="30" cy="98" r="2"/><circle cx="84" cy="22" r="1.8"/><circle cx="232" cy="16" r="1.8"/></g>
    <path d="M40 128h240v8H40z" fill="#22173c"/>
    <path d="M126 44c8 6 18 8 34 8s26-2 34-8c6 14 8 30 6 46-3 24-18 40-40 40s-37-16-40-40c-2-16 0-32 6-46z" fill="#6f4f3d"/>
    <path d="M140 88c0-8 8-10 20-10s20 2 20 10c0 22-6 36-20 36s-20-14-20-36z" fill="#d9b48f"/>
    <circle cx="145" cy="68" r="15" fill="#fff8e6"/><circle cx="175" cy="68" r="15" fill="#fff8e6"/>
    <circle cx="147" cy="69" r="7" fill="#22173c"/><circle cx="173" cy="69" r="7" fill="#22173c"/>
    <path d="m160 74 6 8-6 8-6-8z" fill="#e8963f"/>
    <g stroke="#e8963f" stroke-width="4" stroke-linecap="round"><path d="M148 128v6M156 128v6M166 128v6M174 128v6"/></g>`,
  'gull-sounds': html`<rect width="320" height="150" fill="#bfe2e8"/>
    <path d="M0 118q20-12 40 0t40 0 40 0 40 0 40 0 40 0 40 0 40 0V150H0z" fill="#3f93a6"/>
    <path d="M118 84c-24-8-40-34-72-42 30-8 66 2 88 24 18-26 50-44 84-42-30 14-42 44-70 58l-8 10c-8 6-18 4-22-8z" fill="#ffffff"/>
    <path d="M46 42c30-8 66 2 88 24l-8 8C104 58 76 48 46 42zM218 24c-34-2-66 16-84 42l10 6c18-24 44-40 74-48z" fill="#8fa9b3"/>
    <path d="m146 88 20-2-14 8z" fill="#f0a13c"/><circle cx="139" cy="82" r="2.6" fill="#22404a"/>
    <g fill="none" stroke="#22778a" stroke-width="5" stroke-linecap="round"><path d="M190 76a18 18 0 0 1 0 22M206 66a34 34 0 0 1 0 42M222 56a52 52 0 0 1 0 60"/></g>
    <path d="M0 134q20-10 40 0t40 0 40 0 40 0 40 0 40 0 40 0 40 0V150H0z" fill="#2f7c8f"/>`,
  'harbour-log': html`<rect width="320" height="150" fill="#7f9f7b"/>
    <path d="M0 120h320v30H0z" fill="#688a66"/>
    <path d="M60 40c34-10 68-8 100 6 32-14 66-16 100-6v84c-34-10-68-8-100 6-32-14-66-16-100-6z" fill="#5a3b28"/>
    <path d="M68 36c32-8 62-6 92 8v80c-30-12-60-14-92-6z" fill="#fdf6e4"/><path d="M252 36c-32-8-62-6-92 8v80c30-12 60-14 92-6z" fill="#f3e7cb"/>
    <g fill="none" stroke="#b9a57f" stroke-width="4" stroke-linecap="round"><path d="M84 54c20-4 40-2 58 4M84 70c20-4 40-2 58 4M84 86c14-3 26-3 38 0M178 58c18-6 38-8 58-4M178 74c18-6 38-8 58-4"/></g>
    <g fill="none" stroke="#2f6b7c" stroke-width="5" stroke-linecap="round"><path d="M208 84v26M200 91h16M192 100c0 16 32 16 32 0"/></g>
    <path d="M146 40v46l7-8 7 8V44z" fill="#d9614c"/>`,
  'chart-paper': html`<rect width="320" height="150" fill="#f4efdf"/>
    <path d="M0 25h320M0 50h320M0 75h320M0 100h320M0 125h320M20 0v150M45 0v150M70 0v150M95 0v150M120 0v150M145 0v150M170 0v150M195 0v150M220 0v150M245 0v150M270 0v150M295 0v150" stroke="#b9d3dc" stroke-width="1.5"/>
    <path d="M196 0c-8 26 14 40 40 42s34 26 60 22 24-14 24-14V0z" fill="#e4cf9c"/><path d="M0 150v-34c20-10 30 4 48 2s26 10 30 32z" fill="#e4cf9c"/>
    <path d="M58 106c26-44 62-12 92-30s20-32 70-18" fill="none" stroke="#d9614c" stroke-width="5" stroke-linecap="round" stroke-dasharray="1 11"/>
    <path d="m232 50 18 18M250 50l-18 18" stroke="#d9614c" stroke-width="6" stroke-linecap="round"/>
    <g transform="rotate(38 208 104)"><rect x="160" y="97" width="92" height="15" fill="#3f7fa0"/><rect x="160" y="102" width="92" height="5" fill="#5c9cbc"/><path d="m160 97-20 7.500 20 7.500z" fill="#f0d8b0"/><path d="m147 101.500-7 3 7 3z" fill="#33434c"/><rect x="252" y="97" width="12" height="15" rx="3" fill="#e59a8c"/></g>`,
  'galley-club': html`<rect width="320" height="150" fill="#cf5443"/>
    <g fill="none" stroke="#f6c9a8" stroke-width="6" stroke-linecap="round"><path d="M128 40c-7-8 7-11 0-19M160 32c-7-6 7-9 0-15M192 40c-7-8 7-11 0-19"/></g>
    <path d="M0 128h320v22H0z" fill="#a73f31"/>
    <path d="M84 66h152v46c0 12-8 18-20 18H104c-12 0-20-6-20-18z" fill="#fbeedb"/><path d="M84 88h152v12H84z" fill="#e9a23b"/>
    <path d="M66 76h18v12H74c-6 0-8-4-8-8zM236 76h18v4c0 4-2 8-8 8h-10z" fill="#5b2f28"/>
    <path d="M76 66c8-16 42-24 84-24s76 8 84 24z" fill="#5b2f28"/><circle cx="160" cy="42" r="8" fill="#5b2f28"/>
    <g transform="rotate(18 276 96)"><rect x="272" y="62" width="7" height="64" rx="3.500" fill="#e9c08a"/><ellipse cx="275.500" cy="56" rx="13" ry="16" fill="#e9c08a"/></g>`,
  'paper-canoe': html`<rect width="320" height="150" fill="#62b6a6"/>
    <circle cx="66" cy="40" r="18" fill="#f7e6a6"/>
    <path d="M0 106q20-12 40 0t40 0 40 0 40 0 40 0 40 0 40 0 40 0V150H0z" fill="#3d9385"/>
    <path d="M160 22 214 92H106z" fill="#ffffff"/><path d="M160 22v70h-54z" fill="#dcebe7"/>
    <path d="M62 66 114 124h92l52-58-54 22H116z" fill="#ffffff"/><path d="M62 66 114 124h46V88h-44z" fill="#e8f3f0"/><path d="M258 66 206 124h-46V88h44z" fill="#cbe2dc"/>
    <path d="M0 122q20-12 40 0t40 0 40 0 40 0 40 0 40 0 40 0 40 0V150H0z" fill="#2f7d70"/>`,
  'little-ferry': html`<rect width="320" height="150" fill="#f4c65a"/>
    <circle cx="258" cy="46" r="24" fill="#fbe39c"/>
    <g fill="#fff4d6"><circle cx="126" cy="36" r="8"/><circle cx="110" cy="30" r="6"/><circle cx="98" cy="28" r="4"/></g>
    <path d="M140 30h20v30h-20z" fill="#2f4f6b"/><path d="M140 30h20v8h-20z" fill="#d9513f"/>
    <path d="M96 58h116v20H96z" fill="#fffaf0"/><path d="M76 76h160v18H76z" fill="#fffaf0"/>
    <g fill="#6fa9c4"><rect x="106" y="63" width="13" height="10" rx="2"/><rect x="128" y="63" width="13" height="10" rx="2"/><rect x="150" y="63" width="13" height="10" rx="2"/><rect x="172" y="63" width="13" height="10" rx="2"/><circle cx="96" cy="86" r="4"/><circle cx="128" cy="86" r="4"/><circle cx="160" cy="86" r="4"/><circle cx="192" cy="86" r="4"/></g>
    <path d="M58 94h202l-20 32H80z" fill="#c9432f"/>
    <path d="M0 116q20-12 40 0t40 0 40 0 40 0 40 0 40 0 40 0 40 0V150H0z" fill="#2c6f86"/>
    <path d="M0 132q20-10 40 0t40 0 40 0 40 0 40 0 40 0 40 0 40 0V150H0z" fill="#225a6e"/>`,
}
