terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.81" # from here on it takes a provider without thumbprints
    }
  }
}
