import { makeRules } from '../rules.ts'

/** ARTS POSLog 2.x and 6.0, ARTS Digital Receipt 2.0 and the dialects seen of them. */
export const poslogRules = makeRules(
  'poslog',
  'xml',
  {
    figure: `
      SignatureCounter ZReportNumber ZNumber AmountAppliedToBill Count Percent Percentage Quantity Rate Rounding Cashback Tip Level Units Denomination FaceValue
      Itemizers WeightUsed QuantityUsed AmountUsed RingTime TenderTime IdleTime LockTime MembershipLevel
      TaxRuleID EventID CustomOfferID ReportCode SaleableMediaID Bay
      @Quantity @Units @Count @Multiplicity @FixVersion @MajorVersion @MinorVersion @Version @WorkstationLocation
      @width @height @Tax1 @Tax2 @Itemizer1 @Itemizer2 @FoodStampable @weightItem @copy @Verified @HostAuthorized
      @ElectronicSignature @membershipRequired @detailedData @summarizedActivity`,
    code: `
      CurrencyCode ReasonCode Reason Country TaxAuthority TaxGroupID TaxType TenderID TenderType PromotionID
      PriceDerivationRuleID LoyaltyProgramID RewardID MerchandiseHierarchy UnitOfMeasureCode CardBrand CardType IssuerName
      RewardLevel RewardCategory RewardType TransactionStatus TransactionType TotalType Status State EntryMethod
      Text.@Name ProcessType Algorithm SignatureAlgorithm RoundingDirection Disposition ManagerApproval PosType DeliveryType Channel
      @Action @CardType @Code @Culture @Currency @CurrencyCode @CreditDescription @EntryMethod @ID @IdType @ItemType
      @Level @MethodCode @Mode @OperatorType @Offset @POSIDType @ReasonCode @RoundingDirection @Status @TaxType @TaxID
      @TenderType @TotalType @TransactionStatus @TransactionType @Type @TypeCode @UnitOfMeasureCode @nil`,
    date: 'NoSale StartDate EndDate EndDay @Date',
    goods: 'ItemID POSItemID GTIN EAN UPC @ItemID',
    phone: 'LocalNumber TelephoneNumber FullTelephoneNumber Telephone AreaCode',
    card: `
      PrimaryAccountNumber MaskedCardNumber AccountNumber CardNumber Track1 Track2 Track3 TrackData ExpirationDate
      AuthorizationCode ReferenceNumber TerminalID CardSecurityCode EncryptedPIN PINBlock`,
    // Dates of a person, and a word that is a figure in other places.
    pseudonym: 'BirthDate Birthdate DateOfBirth @BirthDate @Birthdate @DateOfBirth PaymentToken',
  },
  [
    [/Flag$/, 'figure'],
    [/(Amount|Price|Total|Balance|Rate|Points|PointsEarned|PointsRedeemed|PointsAwarded)$/, 'figure'],
    [/(ItemCount|TransactionCount|LineCount|SequenceNumber|OperatorSequence|OperatorSequenceReference)$/, 'figure'],
    [/^Transaction(Rounding|Subtotal|Tax|Net|Gross|Grand|Item|Purchase|Tip)\w*$/, 'figure'],
    [/(DateTime|Timestamp|BusinessDayDate|(Start|Log|Finish)Time)$/, 'date'],
  ],
)
