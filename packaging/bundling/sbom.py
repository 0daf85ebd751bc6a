"""The bill of materials: what a bundle is made of, in CycloneDX's form, for those whose programs compare such lists."""

import json
import uuid
from datetime import UTC, datetime
from pathlib import Path

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL
from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression


def write(index: Path, target: Path, when: int) -> None:
    """Write the list in `index` (see licences.write) as a bill of materials of that time (seconds since 1970)."""
    parts = json.loads(index.read_text(encoding="utf-8"))
    bom = Bom()
    for part in parts:
        component = _component(part)
        if part["name"] == "qtchat":
            bom.metadata.component = component
        else:
            bom.components.add(component)
    if bom.metadata.component is not None:
        bom.register_dependency(bom.metadata.component, bom.components)
    bom.metadata.timestamp = datetime.fromtimestamp(when, UTC)
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(parts))
    made = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=1)
    target.write_text(made + "\n", encoding="utf-8", newline="\n")


def _component(part: dict[str, str]) -> Component:
    name, version = part["name"], part["version"]
    namespace = "debian" if part["kind"] == "deb" else None
    return Component(
        name=name,
        version=version or None,
        type=ComponentType.APPLICATION if name == "qtchat" else ComponentType.LIBRARY,
        purl=PackageURL(part["kind"], namespace, name.lower().replace(" ", "-"), version or None),
        licenses=[_licence(part["licence"])],
        bom_ref=f"{part['kind']}:{name}",
    )


def _licence(name: str) -> LicenseExpression | DisjunctiveLicense:
    """As an expression of SPDX where it is one."""
    try:
        return LicenseExpression(canonicalize_license_expression(name))
    except InvalidLicenseExpression:
        return DisjunctiveLicense(name=name)
