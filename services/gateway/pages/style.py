"""How pages look: large enough for a small screen, in the reader's own light, and plain on paper."""

STYLE = """\
:root { color-scheme: light dark; --ink: #1b1b1b; --ground: #ffffff; --line: #6b7280; --act: #0b5394; --on: #ffffff }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8edf3; --ground: #10151c; --line: #94a3b8; --act: #7db4ec; --on: #10151c }
}
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 36rem; padding: 1rem; color: #1b1b1b; color: var(--ink); background: #ffffff;
  background: var(--ground); font: 1.125rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
header p { margin: 0; font-weight: 600 }
h1 { font-size: 1.75rem; line-height: 1.2 }
h2 { font-size: 1.25rem; margin-top: 2rem }
label { display: block; margin: 1rem 0 .25rem; font-weight: 600 }
label.choice { font-weight: 400; margin: 0; padding: .5rem 0 }
fieldset { border: 1px solid #6b7280; border-color: var(--line); border-radius: .25rem; padding: .5rem 1rem }
input[type=email] { width: 100%; min-height: 2.75rem; padding: .5rem; font: inherit; color: inherit;
  background: transparent; border: 2px solid #6b7280; border-color: var(--line); border-radius: .25rem }
input[type=radio] { width: 1.25rem; height: 1.25rem; vertical-align: text-bottom; margin-right: .5rem }
button, a.button { display: inline-block; min-height: 2.75rem; margin: 1rem 0; padding: .5rem 1.25rem; font: inherit;
  font-weight: 600; color: #ffffff; color: var(--on); background: #0b5394; background: var(--act);
  border: 2px solid transparent; border-radius: .25rem; cursor: pointer; text-decoration: none }
button.quiet { margin: .25rem 0; color: #0b5394; color: var(--act); background: transparent;
  border-color: #0b5394; border-color: var(--act) }
a { color: #0b5394; color: var(--act) }
:focus-visible { outline: 3px solid #0b5394; outline-color: var(--act); outline-offset: 3px }
dt { font-weight: 600 }
dd { margin: 0 0 .75rem }
ul { list-style: none; padding: 0 }
li { padding: .5rem 0; border-bottom: 1px solid #6b7280; border-bottom-color: var(--line) }
@media print { form, header { display: none } body { max-width: none } }
"""
