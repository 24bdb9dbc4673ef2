/** Below `/oauth`, so that the cookies of a sign-in reach them. */
export const signInPath = '/oauth/sign-in'
export const choosePasswordPath = '/oauth/choose-password'
