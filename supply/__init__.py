"""What the wheel is made of and with: notices of its crates, its SBOM, what is known against them."""
