"""How pages look: large enough for a small screen, in the reader's own light, and plain on paper."""

STYLE = """\
:root { color-scheme: light dark; --ink: #1b1b1b; --ground: #ffffff; --line: #6b7280; --act: #0b5394; --on: #ffffff;
  --wrong: #a61b1b; --soft: #f1f4f8 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8edf3; --ground: #10151c; --line: #94a3b8; --act: #7db4ec; --on: #10151c; --wrong: #ff9c9c;
    --soft: #1b232d }
}
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 36rem; padding: 1rem; color: #1b1b1b; color: var(--ink); background: #ffffff;
  background: var(--ground); font: 1.125rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
body.wide { max-width: 72rem }
body.wide dl, body.wide p, body.wide main > ul { max-width: 44rem }
header p { margin: 0; font-weight: 600 }
nav ul { display: flex; flex-wrap: wrap; margin: .5rem 0 }
nav li { padding: 0; border: 0; margin: 0 1rem .25rem 0 }
nav a { display: inline-block; padding: .5rem 0 }
nav [aria-current] { color: #1b1b1b; color: var(--ink); text-decoration: none;
  border-bottom: 3px solid #0b5394; border-bottom-color: var(--act) }
.count { font-weight: 600 }
.skip { position: absolute; left: -100rem }
.skip:focus { position: static }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
h1 { font-size: 1.75rem; line-height: 1.2 }
h2 { font-size: 1.25rem; margin-top: 2rem }
h3 { font-size: 1.125rem; margin: 1.5rem 0 .5rem }
label { display: block; margin: 1rem 0 .25rem; font-weight: 600 }
label.choice { display: flex; font-weight: 400; margin: 0; padding: .5rem 0 }
.tick { margin-top: .75rem }
.tick .hint { margin-left: 2rem }
.may, .hint, .place, .state { font-weight: 400; opacity: .85 }
.hint, .fault { margin: 0 0 .25rem }
.fault { color: #a61b1b; color: var(--wrong); font-weight: 600 }
.faults { border: 3px solid #a61b1b; border-color: var(--wrong); border-radius: .25rem; padding: .5rem 1rem }
.faults h2 { margin: .25rem 0 }
.faults li { border: 0; padding: .25rem 0 }
.faults a { color: #a61b1b; color: var(--wrong); font-weight: 600 }
.empty, .standing { padding: .75rem 1rem; background: #f1f4f8; background: var(--soft); border-radius: .25rem }
.text { white-space: pre-wrap; padding: .75rem 1rem; border-left: 4px solid #0b5394; border-left-color: var(--act) }
fieldset { border: 1px solid #6b7280; border-color: var(--line); border-radius: .25rem; padding: .5rem 1rem;
  margin: 1.25rem 0 0; min-width: 0 }
legend { font-weight: 600 }
input[type=email], input[type=text], input[type=date], select, textarea { width: 100%; min-height: 2.75rem;
  padding: .5rem; font: inherit; color: #1b1b1b; color: var(--ink); background: #ffffff; background: var(--ground);
  border: 2px solid #6b7280; border-color: var(--line); border-radius: .25rem }
input.short { max-width: 8rem }
input[aria-invalid=true], select[aria-invalid=true], textarea[aria-invalid=true] {
  border-color: #a61b1b; border-color: var(--wrong) }
input[type=radio], input[type=checkbox] { flex: none; width: 1.25rem; height: 1.25rem; margin: .2rem .75rem 0 0 }
.row { display: grid; align-items: end; grid-template-columns: 1fr; gap: 0 1rem; padding-bottom: 1rem }
button, a.button { display: inline-block; min-height: 2.75rem; margin: 1rem 0; padding: .5rem 1.25rem; font: inherit;
  font-weight: 600; color: #ffffff; color: var(--on); background: #0b5394; background: var(--act);
  border: 2px solid transparent; border-radius: .25rem; cursor: pointer; text-decoration: none }
button.quiet, a.quiet { color: #0b5394; color: var(--act); background: transparent;
  border-color: #0b5394; border-color: var(--act) }
button.quiet { margin: .25rem 0 }
.buttons { display: flex; flex-wrap: wrap; align-items: center; gap: 0 1rem }
.buttons button { margin: 1rem 0 0 }
.doing li { border: 0; padding: 0 }
.doing .button, .doing button { margin: .5rem 0 .25rem }
a { color: #0b5394; color: var(--act) }
:focus-visible { outline: 3px solid #0b5394; outline-color: var(--act); outline-offset: 3px }
dt { font-weight: 600 }
dd { margin: 0 0 .75rem }
ul { list-style: none; padding: 0 }
li { padding: .5rem 0; border-bottom: 1px solid #6b7280; border-bottom-color: var(--line) }
table { display: block; width: 100%; border-collapse: collapse }
tbody, tr { display: block }
thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
tbody tr { padding: .75rem 0; border-top: 2px solid #6b7280; border-top-color: var(--line) }
td, tbody th { display: block; padding: .125rem 0; text-align: left; font-weight: 400 }
td::before, tbody th::before { content: attr(data-label) ": "; font-weight: 600 }
td a, main li > a:not(.button), p > a:only-child:not(.button) { display: inline-block; padding: .35rem 0 }
td.none { display: none }
.away { white-space: nowrap }
@media (min-width: 40rem) {
  dl { display: grid; grid-template-columns: minmax(10rem, 1fr) 2fr; gap: .25rem 1rem }
  dd { margin: 0 }
  .row { grid-template-columns: 2fr 1fr 1.5fr }
}
@media (min-width: 60rem) {
  .wide table { display: table }
  .wide tbody { display: table-row-group }
  .wide tr { display: table-row }
  .wide thead { display: table-header-group; position: static; width: auto; height: auto; clip-path: none }
  .wide td, .wide th { overflow-wrap: break-word }
  .wide tbody th { overflow-wrap: anywhere; min-width: 9rem }
  .wide td, .wide th { display: table-cell; padding: .5rem .75rem .5rem 0; text-align: left; vertical-align: top;
    border-bottom: 1px solid #6b7280; border-bottom-color: var(--line) }
  .wide td::before, .wide tbody th::before { content: none }
}
@media print { form, header { display: none } body { max-width: none } }
"""
