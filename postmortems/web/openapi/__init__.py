"""The API's contracts and the OpenAPI document made from them."""
