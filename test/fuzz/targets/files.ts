// Files of people: policy and settings. Whatever stands in them, it is taken whole or told in lines.
import assert from 'node:assert/strict';
import type { ZodType } from 'zod';
import { proxySettings } from '../../../dmz-proxy/settings.ts';
import { gatewaySettings } from '../../../inner-gateway/settings.ts';
import { checkYaml } from '../../../shared/checked-yaml.ts';
import { contentFile } from '../../../shared/policy/content-schema.ts';
import { labelsFile } from '../../../shared/policy/label-schema.ts';
import { partnersFile } from '../../../shared/policy/policy-schema.ts';
import { textsFile } from '../../../shared/policy/texts.ts';
import type { Target } from '../target.ts';

const words = [
  ...[
    ': ',
    '- ',
    '\n',
    '\n  ',
    '[',
    ']',
    '{',
    '}',
    '&a ',
    '*a',
    '<<: *a',
    '!!js/function',
    '!x ',
    '|',
    '>',
    '"',
    "'",
    '#',
    '---\n',
  ],
  ...[
    'null',
    '~',
    'true',
    '0x10',
    '1e999',
    '-1',
    '.nan',
    '.inf',
    '99999999999999999999',
    '?',
    '%YAML 1.1',
    '\t',
    '...',
  ],
  ...[
    'partners',
    'domain',
    'connect',
    'trust',
    'mayTalk',
    'everyone',
    'dns',
    'pins',
    'tls',
    'lists',
    'where',
    'inside',
    'rules',
    'detectors',
    'when',
    'scope',
    'texts',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'node',
    'link',
    'listen',
    'host',
    'port',
    '../../etc/passwd',
    'xn--',
    '*@*',
  ],
];

function target(name: string, schemas: readonly ZodType[]): Target {
  return {
    name,
    words,
    claim(input) {
      for (const schema of schemas) {
        const checked = checkYaml('file.yaml', input.toString(), schema);
        if (checked.ok) continue;
        assert.ok(checked.problems.length > 0, 'what is refused is told why');
        for (const problem of checked.problems) assert.match(problem, /^file\.yaml:(?:\d+:)? ?\S[^\r\n]*$/);
      }
      assert.equal(Object.keys(Object.prototype).length, 0, 'nothing reaches the prototype of all objects');
    },
  };
}

export const policyFiles = target('policy', [partnersFile, contentFile, labelsFile, textsFile]);
export const settingsFiles = target('settings', [proxySettings, gatewaySettings]);
