/**
 * Active ISO 4217 codes by the exponent of their minor unit (list one, amendment 176). Codes for metals, funds and testing are
 * not money that a till takes.
 */
const codesByExponent: Record<number, string> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF',
  2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK
    DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD
    KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP
    PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH
    USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG`,
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
}

/** Codes that were money once; a document that uses one is wrong about its date or its currency. */
const withdrawn = new Set(
  `ADP AFA ANG AOR ARA ATS AZM BEF BGL BGN BYB BYR CSD CUC CYP CZJ DDM DEM ECS EEK ESP FIM FRF GHC GRD GWP HRK IEP ITL LTL LUF
    LVL MDC MGF MRO MTL MZM NLG PLZ PTE ROL RUR SDD SIT SKK SLL SRG STD SUR TMM TPE TRL UAK VEB VEF XEU YUM ZMK ZWD ZWL ZWN
    ZWR`.split(/\s+/),
)

const exponents = new Map(
  Object.entries(codesByExponent).flatMap(([exponent, codes]) =>
    codes.split(/\s+/).map((code): [string, number] => [code, Number(exponent)]),
  ),
)

/** Decimals of the currency's minor unit; undefined for a code that is not an active currency. */
export function currencyExponent(code: string): number | undefined {
  return exponents.get(code)
}

/** `XXX` ("no currency"): some senders write it for every receipt; the store's currency stands in. */
export function isNoCurrency(code: string): boolean {
  return code === 'XXX'
}

export function isWithdrawnCurrency(code: string): boolean {
  return withdrawn.has(code)
}
