import { businessDayOf, daysBetween } from '../time.ts'
import type { Check, Observation } from './check.ts'

const dayMs = 86_400_000
/** A day that stays open for longer than a weekend was forgotten; a booking that old needs a look. */
const openDaysMax = 3
const lateDaysMax = 400
/** In Kiribati it is tomorrow already: 14 hours ahead of UTC. */
const aheadDaysMax = 1

export const businessTime: Check = {
  id: 'INV-10',
  title: 'Times are in order and belong to the business day',
  severity: 'warn',
  tolerance: '24 hours of clock skew, 3 days of an open business day',
  explanation:
    'The business day decides into which day of the books a receipt goes. A wrong clock moves turnover between days.',
  advice: 'Set the clock of the till. The receipt keeps its times; the hub orders by when it received it.',
  run: (transaction, { profile, receivedAt }) => {
    const { beginDateTime, endDateTime, businessDayDate } = transaction
    const found: Observation[] = []
    if (
      beginDateTime !== undefined &&
      endDateTime !== undefined &&
      Date.parse(endDateTime) < Date.parse(beginDateTime)
    ) {
      found.push({ message: 'The receipt ends before it begins.', expected: beginDateTime, given: endDateTime })
    }
    if (endDateTime !== undefined) {
      const days = Math.abs(daysBetween(businessDayDate, businessDayOf(endDateTime, profile)))
      if (days > openDaysMax) {
        found.push({
          message: `The receipt ended ${days} days away from its business day ${businessDayDate}.`,
          given: endDateTime,
        })
      }
      if (receivedAt !== undefined) {
        const aheadMs = Date.parse(endDateTime) - Date.parse(receivedAt)
        if (aheadMs > dayMs) {
          found.push({
            message: 'The clock of the till is more than 24 hours ahead.',
            expected: receivedAt,
            given: endDateTime,
          })
        } else if (-aheadMs > dayMs) {
          found.push({
            message: 'The receipt came more than 24 hours after it ended.',
            given: endDateTime,
            severity: 'info',
          })
        }
      }
    }
    if (receivedAt !== undefined && daysBetween(receivedAt.slice(0, 10), businessDayDate) > aheadDaysMax) {
      found.push({ message: `The business day ${businessDayDate} is still to come.`, given: businessDayDate })
    }
    if (receivedAt !== undefined && daysBetween(businessDayDate, receivedAt.slice(0, 10)) > lateDaysMax) {
      found.push({
        message: `The business day ${businessDayDate} is more than ${lateDaysMax} days old.`,
        given: businessDayDate,
      })
    }
    return found
  },
}
