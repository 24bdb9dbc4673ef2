import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { spreadEvenly } from './spread-evenly.ts'

/**
 * The order of test files. Those of real systems run beside those of our processes; most of them wait for one ERP, which one file at a
 * time has to itself, so that two that began together would keep a worker from its work.
 */
export class PeersBesideServices extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const of = (...names: string[]) => sorted.filter(({ project }) => names.includes(project.name))
    const others = sorted.filter(({ project }) => !['peer', 'service'].includes(project.name))
    return [...others, ...spreadEvenly(of('peer'), of('service'))]
  }
}
