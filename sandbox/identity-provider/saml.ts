import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { SignedXml } from 'xml-crypto';
import { once } from './once.js';
import type { Answer } from './openid.js';
import { escapeHtml, page } from './pages.js';
import type { UniversityPerson } from './people.js';

/** What an assertion is spoiled with, as an attacker or a misconfiguration would. */
export type SamlSpoil =
  | 'unsigned'
  | 'foreign-key'
  | 'audience'
  | 'saml-expired'
  | 'in-response-to'
  | 'saml-issuer'
  | 'transient'
  | 'wrapped';

const algorithms = {
  signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#',
};
const digestAlgorithm = 'http://www.w3.org/2001/04/xmlenc#sha256';
const transforms = ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', algorithms.canonicalizationAlgorithm];
const persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';

/** A SAML 2.0 identity provider: requests by redirect, answers by post, assertions signed. */
export function createSaml({
  issuer,
  isOwnCallback,
  spoil,
}: {
  issuer: () => string;
  isOwnCallback: (url: string) => boolean;
  spoil: () => string | undefined;
}) {
  // Most who start a sandbox never sign in here, and keys take a tenth of a second each.
  const keys = once(newKeys);
  const foreignKeys = once(newKeys);

  const assertionFor = (person: UniversityPerson, { id, callback, audience }: AskedFor) => {
    const mode = spoil();
    const now = Date.now() - (mode === 'saml-expired' ? 7_200_000 : 0);
    const [at, until] = [instant(now), instant(now + 300_000)];
    const answered = mode === 'in-response-to' ? '_another' : id;
    const format = mode === 'transient' ? persistent.replace('persistent', 'transient') : persistent;
    const attributes = {
      name: person.name,
      email: person.email,
      email_verified: String(person.emailVerified),
      student_key: person.studentKey ?? '',
    };
    const statement = Object.entries(attributes).map(
      ([name, value]) =>
        `<saml:Attribute Name="${name}"><saml:AttributeValue>${escapeHtml(value)}</saml:AttributeValue></saml:Attribute>`,
    );
    return `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${newId()}" Version="2.0" IssueInstant="${at}"><saml:Issuer>${mode === 'saml-issuer' ? 'https://elsewhere.example.edu' : issuer()}</saml:Issuer><saml:Subject><saml:NameID Format="${format}">${escapeHtml(person.sub)}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData InResponseTo="${answered}" Recipient="${callback}" NotOnOrAfter="${until}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${instant(now - 60_000)}" NotOnOrAfter="${until}"><saml:AudienceRestriction><saml:Audience>${mode === 'audience' ? 'https://another.example.edu' : audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="${at}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>${statement.join('')}</saml:AttributeStatement></saml:Assertion>`;
  };

  const sign = (assertion: string) => {
    const mode = spoil();
    if (mode === 'unsigned') return assertion;
    const signature = new SignedXml({
      privateKey: (mode === 'foreign-key' ? foreignKeys() : keys()).privateKey,
      ...algorithms,
    });
    signature.addReference({ xpath: "//*[local-name(.)='Assertion']", digestAlgorithm, transforms });
    signature.computeSignature(assertion, {
      location: { reference: "//*[local-name(.)='Issuer']", action: 'after' },
    });
    return signature.getSignedXml();
  };

  return {
    /** PEM of the key that its assertions are signed by. */
    key: (): Answer => ({ status: 200, type: 'application/x-pem-file', body: keys().publicKey }),
    problemOf: (query: URLSearchParams) => (isOwnCallback(readRequest(query).callback) ? undefined : 'unknown service'),
    /** A form that takes the answer back; by its button, since nothing here needs JavaScript. */
    decide(query: URLSearchParams, person: UniversityPerson | undefined, victim?: UniversityPerson): Answer {
      const asked = readRequest(query);
      const content = person ? sign(assertionFor(person, asked)) : '';
      // Somebody else's name beside a signature that is good for one's own.
      const wrapped =
        victim && spoil() === 'wrapped'
          ? assertionFor(victim, asked).replace('</saml:Assertion>', `${content}</saml:Assertion>`)
          : content;
      const status = person ? 'Success' : 'Responder';
      const xml = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="${newId()}" Version="2.0" IssueInstant="${instant(Date.now())}" Destination="${asked.callback}" InResponseTo="${asked.id}"><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${issuer()}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${status}"/></samlp:Status>${wrapped}</samlp:Response>`;
      const fields = { SAMLResponse: Buffer.from(xml).toString('base64'), RelayState: query.get('RelayState') ?? '' };
      const inputs = Object.entries(fields).map(
        ([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`,
      );
      return {
        status: 200,
        type: 'text/html; charset=utf-8',
        body: page(
          'Going back',
          `<form method="post" action="${escapeHtml(asked.callback)}">${inputs.join('')}<p><button>Continue</button></p></form>`,
        ),
      };
    },
  };
}

interface AskedFor {
  id: string;
  callback: string;
  audience: string;
}

function readRequest(query: URLSearchParams): AskedFor {
  const xml = inflateRawSync(Buffer.from(query.get('SAMLRequest') ?? '', 'base64')).toString();
  const read = (pattern: RegExp) => pattern.exec(xml)?.[1] ?? '';
  return {
    id: read(/ ID="([^"]+)"/),
    callback: read(/AssertionConsumerServiceURL="([^"]+)"/),
    audience: read(/Issuer[^>]*>([^<]+)</),
  };
}

function newKeys(): { privateKey: string; publicKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

function newId(): string {
  return `_${randomBytes(16).toString('hex')}`;
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
