/**
 * Runs in the page. Told to write, it puts numbered values into every store and says of each when it was in;
 * told to read, it says which values are there.
 */
const stores = {
  localStorage: {
    write: async (n) => localStorage.setItem(`n${n}`, "x".repeat(500)),
    read: async () => Object.keys(localStorage).map((key) => Number(key.slice(1))),
  },
  indexedDB: indexedDbStore("relaxed"),
  "indexedDB strict": indexedDbStore("strict"),
};

function indexedDbStore(durability) {
  const database = asked(() => {
    const opening = indexedDB.open(durability, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("values");
    return opening;
  });
  return {
    write: async (n) => {
      const transaction = (await database).transaction("values", "readwrite", { durability });
      transaction.objectStore("values").put("x".repeat(500), n);
      await new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error);
      });
    },
    read: async () => asked(async () => (await database).transaction("values").objectStore("values").getAllKeys()),
  };
}

async function asked(ask) {
  const request = await ask();
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function write(n) {
  await Promise.all(
    Object.entries(stores).map(async ([store, { write }]) => {
      await write(n);
      await say("/written", { store, n, at: Date.now() });
    }),
  );
}

async function read() {
  const found = Object.entries(stores).map(async ([store, { read }]) => [store, await read()]);
  await say("/found", Object.fromEntries(await Promise.all(found)));
}

const say = (path, what) => fetch(path, { method: "POST", body: JSON.stringify(what) });

const [what, every] = location.hash.slice(1).split("-");
if (what === "read") await read();
if (what === "once") await write(1);
if (what === "steadily") {
  let n = 0;
  setInterval(() => write((n += 1)), Number(every));
}
