"""Write every document that is made."""

from local.documents import architecture, blast_radius, client, cost, growth_curve, numbers, openapi
from local.process import ROOT


def main() -> None:
    """Write them."""
    for document in (openapi, architecture, blast_radius, cost, numbers, growth_curve):
        document.FILE.write_text(document.as_text(), encoding="utf-8")
        print(f"Wrote {document.FILE.relative_to(ROOT)}")
    client.write()


if __name__ == "__main__":
    main()
