import { AggregationTemporality, InstrumentType } from '@opentelemetry/sdk-metrics'

type Select = (instrumentType: InstrumentType) => AggregationTemporality

/**
 * Gauges show what is there now. Summed up over time, as the SDK does it by default, a gauge goes on to show the last value of
 * labels that are no longer there: a process that ended, a reason that was settled.
 */
export function presentGauges(select: Select): Select {
  return (instrumentType) =>
    instrumentType === InstrumentType.OBSERVABLE_GAUGE ? AggregationTemporality.DELTA : select(instrumentType)
}
