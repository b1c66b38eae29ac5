export interface Product {
  readonly id: string;
  readonly name: string;
  readonly note: string;
  readonly price: number;
}

export async function loadProducts(): Promise<readonly Product[]> {
  const response = await fetch('api/products.json');
  if (!response.ok) throw new Error(`The products cannot be loaded: ${response.status}`);
  return (await response.json()) as readonly Product[];
}
