"""What all probes share: results, headers, regular expressions."""
