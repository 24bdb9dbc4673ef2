/** Where somebody says which till it is that shows a code. */
export const devicesPath = '/auth/devices'
