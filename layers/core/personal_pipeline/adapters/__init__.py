"""One class per port and technology. Client quirks, retries and key layouts end here."""
