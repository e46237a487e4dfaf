import type { MalformedReason } from '@bbb-activity/events/malformed-event';
import type { UnreadableCode } from '@bbb-activity/events/unreadable-delivery';
import { describe, expect, it } from 'vitest';
import { rosterFaultText } from '../../../apps/dashboard/page/src/pages/attendance/roster-fault.js';
import { heldText, reasonText } from '../../../apps/dashboard/page/src/pages/system/letter-words.js';
import { fr } from '../../../apps/dashboard/page/src/words/fr.js';
import { fill, type Message } from '../../../apps/dashboard/page/src/words/message.js';
import { ApiError } from '../../../apps/dashboard/src/answers.js';
import { rosterOfCsv } from '../../../apps/dashboard/src/roster-csv.js';
import type { RosterError } from '../../../apps/dashboard/src/schemas/rosters.js';

const t: Parameters<typeof reasonText>[1] = (key, ...[values]) => fill(fr[key], values ?? {}, 'fr');

/** It does not compile where a reason has no words. */
const LETTERS: Readonly<Record<`letter.${MalformedReason | UnreadableCode}`, Message>> = fr;

describe('why a dead letter was put aside', () => {
  it('is told in the words of the language, and as it is where the page does not know it', () => {
    expect(LETTERS['letter.bad_time']).toBe('Une heure est illisible');
    expect([reasonText('bad_time', t), reasonText('of_tomorrow', t)]).toEqual(['Une heure est illisible', 'of_tomorrow']);
    expect(heldText('a part of a delivery, 227 bytes', t)).toBe('une partie d’un envoi, 227 octets');
    expect(heldText('the body of a delivery, 1 bytes', t)).toBe('un envoi entier, 1 octet');
    expect(heldText('error 22P02', t)).toBeNull();
  });
});

describe('why a roster was refused', () => {
  it.each([
    ['name\nAda\n', 'ligne 1 : elle doit nommer une colonne user_id'],
    [`user_id\n${'7\n'.repeat(10_001)}`, 'La liste compte plus de 10\u202f000 personnes.'],
    ['user_id,name\n1,Ada\n,Bo\n', 'ligne 3 : l’identifiant manque'],
    [`user_id,name\n${'7'.repeat(256)},Ada\n`, 'ligne 2 : l’identifiant est trop long'],
    [`user_id,name\n7,${'a'.repeat(256)}\n`, 'ligne 2 : le nom est trop long'],
    ['user_id,name\n7\0,Ada\n', 'ligne 2 : l’identifiant contient un caractère qui ne peut pas être conservé'],
    ['user_id,name\n7,Ad\uFFFD\n', 'ligne 2 : ce n’est pas de l’UTF-8 : enregistrez le fichier comme « CSV UTF-8 »'],
    ['user_id,name\n7,"Ada\n', 'Ce n’est pas un CSV.'],
    [`user_id\n${'"",\n'.repeat(7)}`, /^ligne 2 : l’identifiant manque; ligne 3 .*; et 2 autres$/],
  ])('%j is told by its lines in the words of the language', (csv, text) => {
    expect(rosterFaultText(refusalOf(csv), t)).toMatch(text);
  });

  it('is left to others where it is not for its lines', () => {
    expect(rosterFaultText({ error: 'bad_request', message: 'body must have property people' }, t)).toBeNull();
    expect(rosterFaultText(null, t)).toBeNull();
  });
});

/** As the API answers it. */
function refusalOf(csv: string): RosterError {
  try {
    rosterOfCsv(csv);
  } catch (error) {
    if (error instanceof ApiError) return { error: error.code, message: error.message, ...error.details };
  }
  throw new Error('it was not refused');
}
