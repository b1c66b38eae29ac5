/**
 * What is started last may fail, such as a browser. What was started before it is closed then: nobody else knows of it,
 * and it would keep the whole run from ending.
 */
export async function orClose<T>(starting: Promise<T>, close: () => Promise<void>): Promise<T> {
  try {
    return await starting;
  } catch (error) {
    await close();
    throw error;
  }
}
