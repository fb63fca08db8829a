import 'reflect-metadata';
import { printGraphSchema } from '../resolvers/print-schema.js';

/** `portico print-schema`: the public SDL. */
export function printSchema(): void {
  process.stdout.write(printGraphSchema());
}
