/** Contrast of every text is 7:1 or better, of frames 3:1, in light and dark; nothing moves. */
export const style = `:root { color-scheme: light dark; --text: #1a1c1e; --ground: #fff; --frame: #6b7075; --deed: #0b4f8a; --on-deed: #fff; --wrong: #a1110c }
@media (prefers-color-scheme: dark) { :root { --text: #f1f3f4; --ground: #16181a; --frame: #8d949b; --deed: #9ecbff; --on-deed: #0b1a2a; --wrong: #ffb4ab } }
* { box-sizing: border-box }
select option { color: var(--text); background: var(--ground) }
body { margin: 0; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif }
main { max-width: 32rem; margin: 0 auto; padding: 3rem 1.25rem }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 1.5rem }
h2 { font-size: 1.1rem; margin: 0 0 .25rem }
label { display: block; font-weight: 600; margin: 1.25rem 0 .25rem }
.hint { margin: 0 0 .25rem; font-weight: 400 }
input:not([type=hidden]), select { width: 100%; padding: .6rem; font: inherit; color: inherit; background: transparent; border: 1px solid var(--frame); border-radius: .25rem }
input[aria-invalid=true] { border: 2px solid var(--wrong) }
button { margin: 1.75rem .75rem 0 0; padding: .7rem 1.4rem; font: inherit; font-weight: 600; color: var(--on-deed); background: var(--deed); border: 1px solid var(--deed); border-radius: .25rem; cursor: pointer }
button.other { color: var(--deed); background: transparent }
a { color: var(--deed) }
:focus-visible { outline: 3px solid var(--deed); outline-offset: 2px }
.problem { border: 2px solid var(--wrong); border-radius: .25rem; padding: 1rem; margin: 0 0 1.5rem }
.problem a, .problem h2 { color: var(--wrong) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.25rem }
dt { font-weight: 600 }
dd { margin: 0; overflow-wrap: anywhere }
code { font-size: 1.05em }
`
