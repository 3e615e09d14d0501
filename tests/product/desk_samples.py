"""What the tests of the staff desk share that is no fixture."""

LEAD = "/admin/leads/{id}"
# What the samples of `conftest` and of the desk's tests say of a person.
PERSONAL = ("Hoa", "912345678", "912 345 678", "bếp", "hoa@example.test", "203.0.113.7", "gọi lại sau")
