import { makeRules } from '../rules.ts'

/** The canonical transaction. */
export const tillflowRules = makeRules(
  'tillflow',
  'json',
  {
    figure: `
      schemaVersion sequenceNumber firstSequence lastSequence lineNumber sequence quantity percent ratePercent rate
      tip cashback count transactionCount voidCount returnCount noSaleCount itemCount zNumber signatureCounter
      pointsEarned pointsRedeemed pointsAdjusted balanceAfter openingFloat cashSales cashRefunds paidIn paidOut loans
      pickups net tax gross grossSales netSales taxIncluded taxAdded discounts rounding grandTotal tenderTotal changeTotal
      nonSalesTotal taxTotal closingCount overShort previous current denominations.value`,
    code: `
      transactionType status channel workstationType lineType linkType itemType entryMethod tenderType taxType method
      appliedTo bucket state currency businessDayDateSource utcOffsetSource timeZone unitOfMeasure reasonCode tenderId
      taxAuthority taxGroupId taxRuleId promotionId programId rewardId vendorFact.objectType source.system source.version
      merchandiseHierarchy.level merchandiseHierarchy.code card.brand card.entryMode country processType algorithm`,
    date: 'businessDayDate beginDateTime endDateTime authorizedAt openedAt closedAt startTime logTime',
    goods: 'itemId posItemId gtin',
    location: 'gln',
    key: 'transactionKey',
    card: 'card.last4 authorizationCode referenceNumber terminalId token pspReference',
    pseudonym: 'extensions.sequence',
  },
  [[/(Amount|UnitPrice)$|^amount$/, 'figure']],
)
