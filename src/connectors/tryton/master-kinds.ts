import type { MasterKind } from './masters.ts'

export const currencies: MasterKind = {
  title: 'currency',
  model: 'currency.currency',
  codeField: 'code',
  fields: ['digits'],
}

export const accounts: MasterKind = { title: 'account', model: 'account.account', codeField: 'code', fields: [] }

export const taxes: MasterKind = { title: 'tax', model: 'account.tax', codeField: 'name', fields: [] }

export const journals: MasterKind = { title: 'journal', model: 'account.journal', codeField: 'code', fields: [] }

export const sequences: MasterKind = { title: 'sequence', model: 'ir.sequence', codeField: 'name', fields: [] }

export const sequenceTypes: MasterKind = {
  title: 'kind of sequence',
  model: 'ir.sequence.type',
  codeField: 'name',
  fields: [],
}

export const parties: MasterKind = {
  title: 'party',
  model: 'party.party',
  codeField: 'code',
  fields: ['addresses', 'customer_location'],
}

export const products: MasterKind = {
  title: 'product',
  model: 'product.product',
  codeField: 'code',
  fields: ['type', 'default_uom'],
  createIn: 'product.template',
}

export const categories: MasterKind = {
  title: 'account category',
  model: 'product.category',
  codeField: 'name',
  fields: [],
  domain: [['accounting', '=', true]],
}

export const units: MasterKind = { title: 'unit', model: 'product.uom', codeField: 'name', fields: [] }

export const unitCategories: MasterKind = {
  title: 'category of units',
  model: 'product.uom.category',
  codeField: 'name',
  fields: [],
}

export const warehouses: MasterKind = {
  title: 'warehouse',
  model: 'stock.location',
  codeField: 'code',
  fields: ['storage_location'],
  domain: [['type', '=', 'warehouse']],
}

export const storages: MasterKind = {
  title: 'storage location',
  model: 'stock.location',
  codeField: 'code',
  fields: [],
  domain: [['type', '=', 'storage']],
}
