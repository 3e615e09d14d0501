// A small catalogue and its prices, in whole dong: 150,000 per square metre, times the category's
// coefficient, plus materials.
/** An id as the catalogue has them. */
export const id = (number: number): string => `0190a000-0000-7000-8000-${String(number).padStart(12, "0")}`;

export const CATEGORIES = [
  { id: id(1), name: "Sơn nhà trọn gói", description: "Sơn trong và ngoài nhà", coefficient: 1 },
  { id: id(2), name: "Lát sàn", description: null, coefficient: 1.5 },
  { id: id(3), name: "Cải tạo phòng tắm", description: null, coefficient: 2 },
];

const money = (amount: number): { amount: string; currency: string } => ({
  amount: String(Math.round(amount)),
  currency: "VND",
});

export const MATERIALS = [
  {
    id: id(11),
    name: "Sơn nội thất cao cấp",
    unit: "m2",
    price: money(85_000),
    categoryId: id(1),
  },
  {
    id: id(12),
    name: "Sơn ngoại thất chống thấm",
    unit: "m2",
    price: money(120_000),
    categoryId: id(1),
  },
  {
    id: id(13),
    name: "Đèn trang trí âm trần",
    unit: "piece",
    price: money(450_000),
    categoryId: id(1),
  },
  { id: id(14), name: "Sàn gỗ sồi tự nhiên", unit: "m2", price: money(950_000), categoryId: id(2) },
  { id: id(15), name: "Len chân tường", unit: "m", price: money(65_000), categoryId: id(2) },
];

/** The breakdown that the server answers for {categoryId, area, materialIds}. */
export function priceOf(request: unknown): Record<string, unknown> {
  const { categoryId, area, materialIds } = request as {
    categoryId: string;
    area: number;
    materialIds: string[];
  };
  const category = CATEGORIES.find((one) => one.id === categoryId);
  if (!category) throw new Error("no such category");
  const chosen = MATERIALS.filter((one) => materialIds.includes(one.id)).map(
    ({ id: materialId, name, unit, price }) => ({
      id: materialId,
      name,
      price,
      cost: money(Number(price.amount) * (unit === "m2" ? area : 1)),
    }),
  );
  const base = 150_000 * area;
  const materialsTotal = chosen.reduce((sum, { cost }) => sum + Number(cost.amount), 0);
  return {
    category: { id: category.id, name: category.name, coefficient: category.coefficient },
    area,
    basePrice: money(base),
    priceWithCoefficient: money(base * category.coefficient),
    materials: chosen,
    materialsTotal: money(materialsTotal),
    total: money(base * category.coefficient + materialsTotal),
  };
}

export const PRODUCTS = [
  {
    id: id(21),
    name: "Tủ bếp dưới",
    description: "Gỗ công nghiệp chống ẩm",
    unit: "LINEAR",
    unitPrice: money(2_000_000),
    fitInType: "PERCENTAGE",
    fitInValue: 5,
  },
  {
    id: id(22),
    name: "Cửa tủ kính",
    description: "",
    unit: "M2",
    unitPrice: money(1_500_000),
    fitInType: "FIXED",
    fitInValue: 200_000,
  },
];

interface Item {
  productId: string;
  length: number;
  width?: number;
  quantity: number;
  fitIn: boolean;
}

/** The breakdown that the server answers for {items}, with a fee of 3 % (6-details, "Prices"). */
export function furniturePriceOf(request: unknown): Record<string, unknown> {
  const { items } = request as { items: Item[] };
  const pieces = items.map((item) => {
    const product = PRODUCTS.find((one) => one.id === item.productId);
    if (!product) throw new Error("no such product");
    const price =
      Number(product.unitPrice.amount) * item.length * (product.unit === "M2" ? (item.width ?? 0) : 1);
    const share = product.fitInType === "FIXED" ? product.fitInValue : (price * product.fitInValue) / 100;
    return { item, product, price, fitIn: item.fitIn ? share : 0 };
  });
  const sum = (of: (piece: (typeof pieces)[number]) => number): number =>
    pieces.reduce((total, piece) => total + of(piece) * piece.item.quantity, 0);
  const subtotal = sum(({ price }) => price);
  return {
    items: pieces.map(({ item, product, price, fitIn }) => ({
      ...item,
      name: product.name,
      unit: product.unit,
      unitPrice: product.unitPrice,
      calculatedPrice: money(price),
      fitInFee: money(fitIn),
      lineTotal: money((price + fitIn) * item.quantity),
    })),
    subtotal: money(subtotal),
    fitInFeesTotal: money(sum(({ fitIn }) => fitIn)),
    fees: [{ name: "Vận chuyển", amount: money(subtotal * 0.03) }],
    total: money(subtotal * 1.03 + sum(({ fitIn }) => fitIn)),
  };
}
