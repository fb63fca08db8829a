import type { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { InvalidInputError } from '../../errors.js';
import type { FillValues } from '../../words/fill.js';

export const passwordMinLength = 10;
export const passwordMaxLength = 256;

/** zxcvbn score, 0 to 4: 3 takes more than 10^8 guesses. */
const leastScore = 3;
/** The estimate costs more than linear time, and what begins with this many strong characters is strong. */
const estimatedLength = 64;

export interface PasswordPolicy {
  /**
   * Refuses passwords that are short, common or made of what others know about the person.
   *
   * @param about - name, username, e-mail address: words that do not count as secret
   * @throws {@link InvalidInputError} with `TOO_SHORT`, `TOO_LONG` or `TOO_WEAK` and what would make it better
   */
  check(password: string, about: readonly string[]): Promise<void>;
}

/** The word lists take some 50 MB and are loaded when the first password is chosen, not at the start. */
export function createPasswordPolicy(): PasswordPolicy {
  let estimator: Promise<ZxcvbnFactory> | undefined;
  return {
    check: async (password, about) => {
      const length = [...password].length;
      if (length < passwordMinLength)
        throw refusal('Use at least {count} characters for the password.', 'TOO_SHORT', { count: passwordMinLength });
      if (length > passwordMaxLength)
        throw refusal('Use at most {count} characters for the password.', 'TOO_LONG', { count: passwordMaxLength });
      estimator ??= loadEstimator();
      const words = about.flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)]).filter((word) => word.length > 2);
      const { score, feedback } = (await estimator).check(password.slice(0, estimatedLength), words);
      if (score >= leastScore) return;
      const advice = [feedback.warning, ...feedback.suggestions].filter((sentence): sentence is string =>
        Boolean(sentence),
      );
      throw refusal('This password is too easy to guess. {advice}', 'TOO_WEAK', {
        advice: advice.length > 0 ? advice : ['Add a few words that are less common.'],
      });
    },
  };
}

function refusal(message: string, reason: string, values: FillValues): InvalidInputError {
  return new InvalidInputError(message, { field: ['password'], reason, values });
}

async function loadEstimator(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory }, common, english] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
  ]);
  return new ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
    translations: english.translations,
  });
}
