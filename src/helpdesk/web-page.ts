/**
 * Whether bytes that should be a file of the type `wanted` are a web page instead: who may not have a file is shown a page
 * to sign in, as if all were well.
 */
export function isPageInstead(wanted: string, got: { type: string; start: Uint8Array }): boolean {
  if (isPageType(wanted)) return false;
  return isPageType(got.type) || /^\uFEFF?\s*(<!doctype html|<html[\s>])/i.test(textOf(got.start));
}

function isPageType(type: string): boolean {
  return ['text/html', 'application/xhtml+xml'].includes(type.split(';')[0]?.trim().toLowerCase() ?? '');
}

function textOf(start: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(start.subarray(0, 200));
}
