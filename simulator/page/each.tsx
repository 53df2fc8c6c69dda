import { Fragment, type ReactNode } from 'react';

/** Draws a list whose items have nothing but their place to be told apart by. */
export function Each<T>({ of, children }: { of: readonly T[]; children: (item: T, index: number) => ReactNode }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: the place is the identity here
  return of.map((item, index) => <Fragment key={index}>{children(item, index)}</Fragment>);
}
