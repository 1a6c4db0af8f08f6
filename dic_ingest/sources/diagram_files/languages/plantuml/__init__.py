"""PlantUML source -> `Diagram`. No maintained parser for it exists in Python; PlantUML itself only draws."""
