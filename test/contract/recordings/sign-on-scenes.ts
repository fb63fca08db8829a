/** What a heading of the sign-on recordings says in words: who comes from the provider, and how. */
export interface SignOnScene {
  /** What the provider answers to `/api/users/me`, where it answers 200: an object, or a text that is none. */
  readonly person?: Readonly<Record<string, string>> | string;
  /** What the provider answers to the exchange of the code, where it answers 200. */
  readonly token?: Readonly<Record<string, unknown>>;
  /** Who is signed in at the LMS already. */
  readonly signedIn?: string;
}

const TOKEN = { access_token: 'tok', token_type: 'Bearer', expires_in: 3600, scope: 'user:read' };
const ALICE = { username: 'alice', email: 'alice@example.com', name: 'Alice Archer' };
const NEWCOMER = { username: 'newcomer', email: 'newcomer@example.com', name: 'New Comer' };

const SCENES: Readonly<Record<string, SignOnScene>> = {
  'Unlinked user whose e-mail matches an active LMS user (other letter case)': {
    person: { username: 'gw-unlinked', email: 'UNLINKED@example.com', name: 'Unlinked User' },
  },
  'Brand-new user, auth_entry=login, skip_email_verification on': { person: NEWCOMER },
  'Brand-new user, auth_entry=register': { person: NEWCOMER },
  'Linked, inactive user': { person: { username: 'dave', email: 'dave@example.com', name: 'Dave Inactive' } },
  'No link; an inactive user with the same e-mail': {
    person: { username: 'gw-inact', email: 'inact@example.com', name: 'In Active' },
  },
  'No link; no e-mail from the provider; username free': { person: { username: 'gw-free', name: 'Free' } },
  'No link; no e-mail from the provider; an LMS user has this username': { person: { username: 'pat', name: 'Pat' } },
  'Token response without access_token': { token: { token_type: 'Bearer' } },
  'Userinfo answers HTML': { person: '<html>not json</html>' },
  'A logged-in LMS user (mallory) and an unlinked provider uid': {
    person: { username: 'free7695', email: 'free7695@example.com', name: 'Free' },
    signedIn: 'mallory',
  },
  'A logged-in LMS user (bob) and a provider uid linked to alice': { person: ALICE, signedIn: 'bob' },
};

/** Who comes and what the provider answers; alice where the heading says nothing else. */
export function sceneOf(heading: string): Required<Pick<SignOnScene, 'person' | 'token'>> & SignOnScene {
  return { person: ALICE, token: TOKEN, ...SCENES[heading] };
}

/** Headings that a scene was written for. */
export const SCENE_HEADINGS: readonly string[] = Object.keys(SCENES);
