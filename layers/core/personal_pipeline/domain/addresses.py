"""Which addresses are of the public internet: requests that others can steer go nowhere else."""

import ipaddress


def is_public(address: str) -> bool:
    """Also seen through the forms in which IPv6 carries an IPv4 address."""
    try:
        found: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        carried = found.ipv4_mapped or found.sixtofour or _nat64(found) or (found.teredo[1] if found.teredo else None)
        if carried is not None:
            return is_public(str(carried))
    return found.is_global and not found.is_multicast


def _nat64(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in ipaddress.ip_network("64:ff9b::/96"):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None
