/** Zones with whole, half and quarter hours, with and without summer time, and with days that were left out. */
export const zones = [
  'Europe/Berlin',
  'America/New_York',
  'America/Sao_Paulo',
  'Australia/Lord_Howe',
  'Pacific/Kiritimati',
  'Asia/Kathmandu',
  'Asia/Tokyo',
  'America/St_Johns',
  'Antarctica/Troll',
  'Africa/Casablanca',
  'Europe/Dublin',
  'Pacific/Apia',
  'UTC',
] as const
