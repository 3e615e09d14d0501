// A small catalogue and its prices, in whole dong: 150,000 per square metre, times the category's
// coefficient, plus materials.
export const CATEGORIES = [
  { id: "cat-paint", name: "Sơn nhà trọn gói", description: "Sơn trong và ngoài nhà", coefficient: 1 },
  { id: "cat-floor", name: "Lát sàn", description: null, coefficient: 1.5 },
  { id: "cat-bath", name: "Cải tạo phòng tắm", description: null, coefficient: 2 },
];

const money = (amount: number): { amount: string; currency: string } => ({
  amount: String(Math.round(amount)),
  currency: "VND",
});

export const MATERIALS = [
  {
    id: "mat-inside",
    name: "Sơn nội thất cao cấp",
    unit: "m2",
    price: money(85_000),
    categoryId: "cat-paint",
  },
  {
    id: "mat-outside",
    name: "Sơn ngoại thất chống thấm",
    unit: "m2",
    price: money(120_000),
    categoryId: "cat-paint",
  },
  {
    id: "mat-lamp",
    name: "Đèn trang trí âm trần",
    unit: "piece",
    price: money(450_000),
    categoryId: "cat-paint",
  },
  { id: "mat-oak", name: "Sàn gỗ sồi tự nhiên", unit: "m2", price: money(950_000), categoryId: "cat-floor" },
  { id: "mat-skirting", name: "Len chân tường", unit: "m", price: money(65_000), categoryId: "cat-floor" },
];

/** The breakdown that the server answers for {categoryId, area, materialIds}. */
export function priceOf(request: unknown): Record<string, unknown> {
  const { categoryId, area, materialIds } = request as {
    categoryId: string;
    area: number;
    materialIds: string[];
  };
  const category = CATEGORIES.find(({ id }) => id === categoryId);
  if (!category) throw new Error("no such category");
  const chosen = MATERIALS.filter(({ id }) => materialIds.includes(id)).map(({ id, name, unit, price }) => ({
    id,
    name,
    price,
    cost: money(Number(price.amount) * (unit === "m2" ? area : 1)),
  }));
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
