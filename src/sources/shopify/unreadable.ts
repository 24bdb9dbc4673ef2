import type { ProblemCode } from '../../contract/problem.ts'

/** Why no fact can be made of an object: it goes to quarantine with this. The detail never repeats what was sent. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable'
  readonly problem: ProblemCode

  constructor(problem: ProblemCode, detail: string) {
    super(detail)
    this.problem = problem
  }
}
