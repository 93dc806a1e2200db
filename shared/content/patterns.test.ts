// Regular expressions of authors: what they find, in what dress, and what a hostile one cannot do.
import assert from 'node:assert/strict';
import test from 'node:test';
import { casedOf } from './cased.ts';
import { compilePatterns, type Pattern, patternLimits, staysInLine } from './patterns.ts';

function finder(...patterns: readonly Pattern[]): (text: string) => readonly string[] {
  const made = compilePatterns(patterns);
  assert.ok(made.ok, JSON.stringify(made));
  return (text) => {
    const found: string[] = [];
    made.find(casedOf({ text, ascii: /^[\x00-\x7f]*$/.test(text) }), ({ pattern, start, end }) =>
      found.push(`${pattern}:${text.slice(start, end)}`),
    );
    return found;
  };
}

test('every place of every pattern is told, in the original text', () => {
  const find = finder({ expression: 'case [0-9]{4}' }, { expression: 'OP-[A-Z]{2}', caseSensitive: true });
  assert.deepEqual(find('Case 2026, case 2027 and op-ab, OP-AB'), ['0:Case 2026', '0:case 2027', '1:OP-AB']);
  assert.deepEqual(find('nothing'), []);
});

test('look-alikes, wide letters and digits of other scripts are what they look like', () => {
  const find = finder({ expression: '\\bcase [0-9]{4}\\b' });
  assert.deepEqual(find('in саsе ２０２６!'), ['0:саsе ２０２６']);
  assert.deepEqual(find('in ca\u200bse ٢٠٢٦'), ['0:ca\u200bse ٢٠٢٦']);
});

test('what surely stays in its line is told from what may go over its end', () => {
  const staying = [
    'zebra-[0-9]+',
    '\\bcase [0-9]{4}\\b',
    'a.c',
    '(?:a|b)+\\.[\\w-]+',
    '(?i)x',
    '\\d{3}\\/\\d',
    '^x$',
    'a\\\\d',
  ];
  const crossing = [
    'a\\sb',
    '[^a]b',
    'a\\Wb',
    'a\\Db',
    'a\\nb',
    '(?s)a.b',
    '(?s:a.b)',
    'a[[:space:]]b',
    'a\\x0ab',
    'a\\pZb',
    'a\nb',
  ];
  crossing.push('a\\012b', '[\\s]b', '\\Qa\nb\\E', '[\t-z]b', 'a\\\\\\sb', '(?ms)a.b', '[a[^x]]', '\\x{a}b');
  for (const expression of staying) assert.ok(staysInLine(expression), expression);
  for (const expression of crossing) assert.ok(!staysInLine(expression), expression);
  const texts = ['zebra-1\n2', 'case 2026\n', 'a\nc', 'ab.c\n', 'x\n', '12\n3/4', 'a\\\n1'];
  for (const expression of staying)
    for (const text of texts)
      for (const found of finder({ expression })(text)) assert.ok(!found.includes('\n'), `${expression} in ${text}`);
  assert.deepEqual(finder({ expression: 'over\\sit' })('over\nit'), ['0:over\nit']);
  const both = compilePatterns([{ expression: 'stays' }, { expression: 'over\\sit' }]);
  const found: string[] = [];
  if (both.ok)
    both.findOverLines?.(casedOf({ text: 'stays over\nit', ascii: true }), (one) =>
      found.push(`${one.pattern} ${one.matched}`),
    );
  assert.deepEqual(found, ['1 over\nit']);
});

test('what could run away is refused, with what to write instead', () => {
  const refused = (expression: string) => {
    const made = compilePatterns([{ expression }]);
    return made.ok ? undefined : made.problems[0]?.problem;
  };
  assert.match(refused('(?=a)b') ?? '', /RE2/);
  assert.match(refused('(a)\\1') ?? '', /RE2/);
  assert.match(refused('a{1000}') ?? '', /too large/);
  assert.match(refused('(?:a{1,100}){1,100}') ?? '', /RE2|too large/);
  assert.match(refused('x*') ?? '', /empty text/);
  assert.match(refused('a|') ?? '', /empty text/);
  assert.match(refused('x'.repeat(patternLimits.expression + 1)) ?? '', /longer than/);
  const many = Array.from({ length: patternLimits.patterns + 1 }, () => ({ expression: 'a' }));
  assert.ok(!compilePatterns(many).ok);
  const large = Array.from({ length: 30 }, (_, i) => ({ expression: `[a-z]{${200 + i}}` }));
  assert.ok(!compilePatterns(large).ok, 'together');
});

test('a hostile pattern on a hostile text ends soon', () => {
  const find = finder(
    { expression: '(?:x+x+)+y' },
    { expression: '(?:[a-z]{1,10}){1,20}[0-9]' },
    { expression: '(?:a|aa|aaa)+b' },
  );
  for (const text of ['x'.repeat(60_000), 'a'.repeat(60_000), `${'x'.repeat(30_000)}y`]) {
    const start = performance.now();
    find(text);
    assert.ok(performance.now() - start < 3_000, `${text.slice(0, 3)}: ${performance.now() - start} ms`);
  }
});
