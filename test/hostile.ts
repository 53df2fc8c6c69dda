import fc from 'fast-check';

/** Text such as a customer could send to mention, link, format, break a block or hide what stands beside it. */
export function hostileText(maxLength: number): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.constantFrom(
      '<!channel>',
      '<@U01MAYALIND>',
      '<!subteam^S1>',
      '<https://evil.example|click>',
      '<#C1>',
      '&lt;',
      '&',
    ),
    fc.constantFrom(
      '*',
      '_',
      '~',
      '`',
      '```',
      '> ',
      ':tada:',
      'https://evil.example',
      'mailto:a@b.example',
      '@channel',
    ),
    fc.constantFrom('\n', '\r', '\t', '\u2028', '\u202e', '\u2066', '\u200b', '\u0000', '\ud800', '\udc00'),
    fc.constantFrom('🍦', '👨‍👩‍👧', 'Z̸̧̡͍̫̝̈́̆̑', 'العربية', '名前', 'Acme', ' '),
    fc.string({ unit: 'binary', maxLength: 6 }),
  );
  return fc.array(piece, { maxLength }).map((parts) => parts.join('').slice(0, maxLength));
}
