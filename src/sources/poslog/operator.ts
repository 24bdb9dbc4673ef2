import { attributeOf, contentOf, type Element } from './element.ts'
import { externalText } from './header.ts'

/**
 * Who was at the till, as an identifier. ARTS has the id as text and the name as an attribute (`OperatorName`), some senders an
 * attribute `WorkerID`; Swedish receipts print the cashier's first name where the id belongs. A name is about a person and is left
 * out; `isName` says that one was there.
 */
export function readOperator(element: Element | undefined): { id?: string; isName?: true } {
  const worker = externalText(attributeOf(element, 'WorkerID'))
  if (worker !== undefined) return { id: worker }
  const id = externalText(contentOf(element))
  if (id === undefined) return {}
  return isPersonsName(id, attributeOf(element, 'OperatorName')) ? { isName: true } : { id }
}

/** What the name attribute repeats is a name; without one, a capitalised word without a digit (`Lennart`, `Anna-Lena B`). */
function isPersonsName(text: string, name: string | undefined): boolean {
  if (/\d/.test(text)) return false
  if (name !== undefined) return name.toLowerCase().includes(text.toLowerCase())
  return /^\p{Lu}\p{Ll}/u.test(text)
}
