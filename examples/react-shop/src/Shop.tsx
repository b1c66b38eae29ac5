import { ErrorBoundary, useTelemetry } from 'beaconry/react';
import { useEffect, useState } from 'react';
import { Basket } from './Basket';
import { loadProducts, type Product } from './products';

export function Shop() {
  const telemetry = useTelemetry();
  const [products, setProducts] = useState<readonly Product[]>([]);
  const [basket, setBasket] = useState<readonly Product[]>([]);

  useEffect(() => {
    let isHere = true;
    const span = telemetry.startSpan('load_products');
    loadProducts().then(
      (loaded) => {
        // StrictMode mounts twice while developing; the load that nobody waits for is not recorded.
        if (!isHere) return;
        span.end({ count: loaded.length });
        setProducts(loaded);
      },
      (error: unknown) => isHere && telemetry.error(error, { doing: 'load products' }),
    );
    return () => void (isHere = false);
  }, [telemetry]);

  function add(product: Product) {
    telemetry.event('product_added', { product: product.id, price: product.price });
    setBasket([...basket, product]);
  }

  return (
    <>
      <header>
        <h1>Harbour shop</h1>
        <p>What a small boat needs, and what its crew would like to have.</p>
      </header>
      <main>
        <ul className="shelf">
          {products.map((product) => (
            <li key={product.id}>
              <span className="sign" aria-hidden="true">{product.name[0]}</span>
              <h2>{product.name}</h2>
              <p>{product.note}</p>
              <button type="button" data-testid={`add-${product.id}`} onClick={() => add(product)}>
                Add for €{product.price}
              </button>
            </li>
          ))}
        </ul>
        <ErrorBoundary
          context={{ part: 'basket' }}
          fallback={({ reset }) => (
            <aside className="basket" data-testid="broken">
              <h2>Your basket</h2>
              <p>Something is wrong with it. Your things are still there.</p>
              <button type="button" data-testid="reset" onClick={reset}>Try again</button>
            </aside>
          )}
        >
          <Basket products={basket} onPaid={() => setBasket([])} />
        </ErrorBoundary>
      </main>
    </>
  );
}
