// Who plays in a journey: the people of the lab's site by their first names, and one whom the settings do not list.

export type Place = 'outside' | 'inside';

const lists: Readonly<Record<Place, readonly string[]>> = {
  outside: ['ann@out.example', 'amy@out.example', 'adam@out.example', 'zoe@far.example', 'zack@far.example'],
  inside: ['bob@in.example', 'carol@in.example', 'dave@in.example', 'heidi@hq.example', 'mallory@in.example'],
};

/** Has an account at the front end, and is not allowed to talk to partners. */
export const notListed = 'mallory@in.example';

/** The bare address of the person with that first name, or undefined. */
export function addressOf(name: string, place: Place): string | undefined {
  return lists[place].find((address) => nameOf(address) === name);
}

/** All first names of a place, as journeys write them. */
export function namesOf(place: Place): readonly string[] {
  return lists[place].map(nameOf);
}

/** All bare addresses of a place. */
export function addressesOf(place: Place): readonly string[] {
  return lists[place];
}

function nameOf(address: string): string {
  return address.charAt(0).toUpperCase() + address.slice(1, address.indexOf('@'));
}
